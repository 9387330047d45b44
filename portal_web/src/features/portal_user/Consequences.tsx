import { Button } from '@mantine/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useFreshAnswer } from '../../gql/useAnswer';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Refusals } from '../../ui/Refusals';
import table from '../../ui/table.module.css';
import styles from './Consequences.module.css';
import { Differences, DifferencesFragment } from './Differences';
import { parted, type Held } from './draft';

const AccessPreviewQuery = graphql(
  `
    query AccessPreview($user: ID!, $grants: [GrantInput!]!) {
      accessPreview(userId: $user, grants: $grants) {
        epoch
        appears {
          count
        }
        vanishes {
          count
        }
        ...Differences_preview
      }
    }
  `,
  [DifferencesFragment],
);

const SetAccessMutation = graphql(`
  mutation SetAccess($input: SetAccessInput!) {
    setAccess(input: $input) {
      user {
        id
        version
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

interface ConsequencesProps {
  user: string;
  name: string;
  /** All they would have by hand. */
  wanted: ReadonlySet<Held>;
  /** How many boxes are other than before. */
  changes: number;
  onDone: () => void;
  onReset: () => void;
}

/** Exactly what would appear and vanish for somebody, and the one way to make it so. */
export function Consequences({ user, name, wanted, changes, onDone, onReset }: ConsequencesProps) {
  const intl = useIntl();
  const latest = [...wanted].toSorted().join('\n');
  const key = useSettled(latest);
  const grants = useMemo(() => (key ? key.split('\n').map(parted) : []), [key]);
  const answer = useFreshAnswer(AccessPreviewQuery, { user, grants });
  const { running, run } = useCommand(SetAccessMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const box = useRef<HTMLElement>(null);
  const attempt = useRef({ key: '', id: '' });

  // What is shown is not yet what the boxes say: nothing can be saved, and who cannot see it is told.
  const busy = key !== latest || answer.is === 'loading' || (answer.is === 'ready' && answer.refreshing);

  async function save(epoch: number) {
    // Sent again after a broken connection it is the same command; with other boxes, or other rights before, another.
    const what = `${epoch}\n${key}`;
    if (attempt.current.key !== what) attempt.current = { key: what, id: crypto.randomUUID() };
    const outcome = await run({ input: { id: user, grants, expectedEpoch: epoch, idempotencyKey: attempt.current.id } });
    if (outcome.is === 'done') return onDone();
    if (answer.is === 'failed') answer.retry();
    return setRefusals(outcome.is === 'refused' ? outcome.refusals : []);
  }

  return (
    <section
      ref={box}
      aria-label={intl.formatMessage({ id: 'editor.preview' }, { name })}
      data-testid="preview"
      aria-busy={busy}
      className={styles['preview']}
    >
      <h3 className={styles['title']}>
        <FormattedMessage id="editor.changes" values={{ count: changes }} />
      </h3>
      <p className={styles['lead']}>
        <FormattedMessage id="editor.preview" values={{ name }} />
      </p>
      <p role="status" className="visually-hidden">
        {!busy && answer.is === 'ready' && <FormattedMessage id="editor.tally" values={tallyOf(answer.data.accessPreview)} />}
      </p>
      <Answer of={answer} empty="never">
        {({ accessPreview }) => (
          <>
            <Differences preview={accessPreview} />
            <div className={styles['save']}>
              <Refusals of={refusals} />
              <button type="button" className={styles['tally']} onClick={() => box.current?.scrollIntoView()}>
                <FormattedMessage id="editor.tally" values={tallyOf(accessPreview)} />
              </button>
              <div className={table['buttons']}>
                <Button
                  loading={running}
                  disabled={busy}
                  onClick={() => void save(accessPreview.epoch)}
                >
                  <FormattedMessage id="form.save" />
                </Button>
                <Button variant="default" onClick={onReset}>
                  <FormattedMessage id="editor.reset" />
                </Button>
              </div>
            </div>
          </>
        )}
      </Answer>
    </section>
  );
}

/** So long nothing more is ticked before the question is asked. */
const PAUSE = 200;

/** A value once it has stayed the same for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

interface Counted {
  appears: readonly { count: number }[];
  vanishes: readonly { count: number }[];
}

/** How much comes and goes, where there is no room for what. */
function tallyOf({ appears, vanishes }: Counted): { appears: number; vanishes: number } {
  const sum = (rows: readonly { count: number }[]) => rows.reduce((total, { count }) => total + count, 0);
  return { appears: sum(appears), vanishes: sum(vanishes) };
}

/** Stands where the consequences would: there are none. */
export function Unchanged({ name, saved }: { name: string; saved: boolean }) {
  return (
    <div role="status" className={styles['unchanged']} data-testid="unchanged">
      <FormattedMessage id={saved ? 'editor.saved' : 'editor.unchanged'} values={{ name }} />
    </div>
  );
}
