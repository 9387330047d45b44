import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Icon } from '../../ui/Icon';
import { PageHeading } from '../../ui/PageHeading';
import styles from './Unavailable.module.css';

const WhyNotQuery = graphql(`
  query WhyNot($id: ID!) {
    whyNot(id: $id) {
      code
      reason
      permission
    }
  }
`);

interface UnavailableProps {
  what: 'report' | 'job' | 'site' | 'organization' | 'contact' | 'application';
  id: string;
  /** It was on the page a moment ago. */
  gone: boolean;
}

/** A calm page for a node that is not there, or not any more; never an error. */
export function Unavailable({ what, id, gone }: UnavailableProps) {
  const intl = useIntl();
  const [asked, setAsked] = useState(false);
  const title = intl.formatMessage({ id: gone ? `gone.${what}` : `unavailable.${what}` });
  return (
    <div className={styles['unavailable']}>
      <span className={styles['icon']}>
        <Icon name="lock" />
      </span>
      <PageHeading title={title} {...(gone && { focused: true })}>
        {title}
      </PageHeading>
      <p>
        <FormattedMessage id={gone ? 'gone.text' : 'unavailable.text'} />
      </p>
      {asked ? (
        <Because id={id} />
      ) : (
        <Button variant="default" onClick={() => setAsked(true)}>
          <FormattedMessage id="unavailable.why" />
        </Button>
      )}
    </div>
  );
}

function Because({ id }: { id: string }) {
  const intl = useIntl();
  const answer = useAnswer(WhyNotQuery, { id });
  const box = useRef<HTMLDivElement>(null);
  // The button that was pressed is gone; the answer takes its place, for the focus too.
  useEffect(() => box.current?.focus(), []);
  return (
    <div role="status" tabIndex={-1} ref={box} className={styles['because']}>
      <Answer of={answer} empty="never" skeleton={<FormattedMessage id="unavailable.asking" />}>
        {({ whyNot: { code, reason, permission } }) => {
          if (code === 'NOT_FOUND' || code === 'VISIBLE') return intl.formatMessage({ id: `unavailable.because.${code}` });
          if (!permission) return reason;
          const words = intl.formatMessage({ id: `permission.${permission}` });
          return intl.formatMessage({ id: 'unavailable.because.needs' }, { permission: words });
        }}
      </Answer>
    </div>
  );
}
