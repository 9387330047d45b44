import { NativeSelect } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { Button } from '@mantine/core';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import table from '../../ui/table.module.css';
import { Room } from '../access/Room';
import { ACTIONS, GROUPS, groupOf, isGroup } from './actions';
import { AuditRow, AuditRowFragment } from './AuditRow';
import { ChainState } from './ChainState';
import { PersonChoice } from './PersonChoice';
import styles from './audit.module.css';

const AuditTrailQuery = graphql(
  `
    query AuditTrail($after: String, $filter: AuditFilter) {
      auditTrail(first: 40, after: $after, filter: $filter) {
        nodes {
          at
          sequence
          hash
          previousHash
          ...AuditRow_entry
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [AuditRowFragment],
);

/** Every change of access: who made it, when, whose it was, and what there was before and after. */
export function AuditRoom() {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'trail.title' });
  const { action, person } = useSearch({ from: '/access/trail' });
  const navigate = useNavigate({ from: '/access/trail' });
  const go = (next: { action?: string | undefined; person?: string | undefined }) => {
    const search = { action, person, ...next };
    const given = Object.entries(search).filter(([, value]) => value);
    void navigate({ search: Object.fromEntries(given), replace: true });
  };
  return (
    <Room title={title} lead={<FormattedMessage id="trail.lead" />}>
      <div className={table['tools']}>
        <PersonChoice chosen={person} onChoose={(next) => go({ person: next })} />
        <NativeSelect
          label={intl.formatMessage({ id: 'trail.action' })}
          value={groupOf(action) ?? ''}
          onChange={({ currentTarget: { value } }) => go({ action: isGroup(value) ? value : undefined })}
          data={[
            { value: '', label: intl.formatMessage({ id: 'trail.action.all' }) },
            ...GROUPS.map((value) => ({ value, label: intl.formatMessage({ id: `trail.group.${value}` }) })),
          ]}
        />
      </div>
      <section aria-label={title}>
        <Entries action={action} person={person} />
      </section>
    </Room>
  );
}

interface EntriesProps {
  action: string | undefined;
  person: string | undefined;
  after?: string;
  /** The hash the newest entry of this page has to have. */
  follows?: string | null;
}

function Entries({ action, person, after, follows }: EntriesProps) {
  const { locale } = useIntl();
  const [open, setOpen] = useState(false);
  const group = groupOf(action);
  const filter = { ...(person && { user: person }), ...(group && { actions: [...ACTIONS[group]] }) };
  const answer = useListAnswer(AuditTrailQuery, { after: after ?? null, filter });
  const whole = !person && !group;
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ auditTrail }) => !after && auditTrail.nodes.length === 0,
        show: <Empty title="trail.none.title" text="trail.none.text" />,
      }}
    >
      {({ auditTrail: { nodes, pageInfo } }) => (
        <>
          <ChainState entries={nodes} whole={whole} follows={follows} />
          <ol className={styles['trail']}>
            {nodes.map((entry, index) => {
              const day = dayOf(entry.at, locale);
              return (
                // Entries are never changed, and only the newest ones are added.
                <Fragment key={entry.hash ?? `${entry.at} ${nodes.length - index}`}>
                  {day !== dayOf(nodes[index - 1]?.at, locale) && <li className={styles['day']}>{day}</li>}
                  <AuditRow entry={entry} />
                </Fragment>
              );
            })}
          </ol>
          {pageInfo.hasNextPage && pageInfo.endCursor && open && (
            <Entries action={action} person={person} after={pageInfo.endCursor} follows={nodes.at(-1)?.previousHash ?? null} />
          )}
          {pageInfo.hasNextPage && !open && (
            <div className={table['more']}>
              <Button variant="default" onClick={() => setOpen(true)}>
                <FormattedMessage id="list.more" />
              </Button>
            </div>
          )}
        </>
      )}
    </Answer>
  );
}

function dayOf(instant: string | undefined, locale: string): string {
  if (!instant) return '';
  const regional = locale === 'en' ? 'en-GB' : locale;
  return new Date(instant).toLocaleDateString(regional, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}
