import type { ReactNode } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { Answer, type AnswerState } from '../../ui/Answer';
import { Rows } from '../../ui/Skeleton';
import { Door, Others, Way } from './Door';

interface LinkPageProps<Looked> {
  of: AnswerState<Looked>;
  onLeave: () => void;
  children: (looked: Looked) => ReactNode;
}

/** What a letter's link leads to, or that it leads nowhere any more. */
export function LinkPage<Looked>({ of, onLeave, children }: LinkPageProps<Looked>) {
  const intl = useIntl();
  if (of.is === 'ready') return children(of.data);
  if (of.is === 'failed' && of.code === 'LINK_DEAD') return <DeadLink onLeave={onLeave} />;
  return (
    <Door title={intl.formatMessage({ id: 'link.opening' })}>
      <Answer of={of} empty="never" skeleton={<Rows count={2} />}>
        {() => null}
      </Answer>
    </Door>
  );
}

export function DeadLink({ onLeave }: { onLeave: () => void }) {
  const intl = useIntl();
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'link.dead.title' })}
      lead={<FormattedMessage id="link.dead.text" />}
    >
      <Others>
        <Way onTake={onLeave}>
          <FormattedMessage id="link.leave" />
        </Way>
      </Others>
    </Door>
  );
}
