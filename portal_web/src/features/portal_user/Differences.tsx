import { readFragment, type FragmentOf } from 'gql.tada';
import type { ReactNode } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import styles from './Consequences.module.css';

const DifferenceFragment = graphql(`
  fragment Difference_row on AccessDifference @_unmask {
    type
    reportKind
    count
    nodes {
      __typename
      id
      ... on Organization {
        shortName
      }
      ... on Site {
        siteName: name
      }
      ... on Contact {
        contactName: name
      }
      ... on Contract {
        title
      }
      ... on Job {
        title
      }
      ... on Report {
        title
      }
    }
  }
`);

export const DifferencesFragment = graphql(
  `
    fragment Differences_preview on AccessPreview {
      vanishes {
        ...Difference_row
      }
      appears {
        ...Difference_row
      }
      fields {
        type
        field
        permission
        gained
        lost
      }
    }
  `,
  [DifferenceFragment],
);

type Row = FragmentOf<typeof DifferenceFragment>;

interface Field {
  type: string;
  field: string;
  permission: ReturnType<typeof graphql.scalar<'Permission'>>;
  gained: number;
  lost: number;
}

/** What goes and what comes: rows by kind, and what of the others can be read. */
export function Differences({ preview: masked }: { preview: FragmentOf<typeof DifferencesFragment> }) {
  const { vanishes, appears, fields } = readFragment(DifferencesFragment, masked);
  if (vanishes.length + appears.length + fields.length === 0) {
    return (
      <p className={styles['none']} role="status">
        <FormattedMessage id="editor.noDifference" />
      </p>
    );
  }
  return (
    <div role="status">
      <Side tone="vanishes" rows={vanishes} fields={fields.filter(({ lost }) => lost > 0)} />
      <Side tone="appears" rows={appears} fields={fields.filter(({ gained }) => gained > 0)} />
    </div>
  );
}

function Side({ tone, rows, fields }: { tone: 'vanishes' | 'appears'; rows: readonly Row[]; fields: readonly Field[] }) {
  if (rows.length + fields.length === 0) return null;
  return (
    <div className={styles['side']} data-tone={tone} data-testid={tone}>
      <h4>
        <FormattedMessage id={`editor.${tone}`} />
      </h4>
      <ul>
        {rows.map((row) => (
          <Line key={row.type + row.reportKind} row={row} />
        ))}
        {fields.map(({ type, field, permission, gained, lost }) => (
          <li key={type + field}>
            <Named name={<FormattedMessage id={`permission.${permission}`} />} count={tone === 'appears' ? gained : lost} />
            <p>
              <FormattedMessage id="editor.field" values={{ type, field }} />
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Named({ name, count }: { name: ReactNode; count: number }) {
  const { formatNumber } = useIntl();
  return (
    <span className={styles['named']}>
      <span>{name}</span> <strong>{formatNumber(count)}</strong>
    </span>
  );
}

const NAMED = 4;

function Line({ row: { type, reportKind, count, nodes } }: { row: Row }) {
  const intl = useIntl();
  const names = nodes.map(nameOf);
  const name = reportKind
    ? intl.formatMessage({ id: `grant.${reportKind.toLowerCase() as Lowercase<typeof reportKind>}_reports` })
    : intl.formatMessage({ id: 'editor.type' }, { type });
  return (
    <li>
      <Named name={name} count={count} />
      {names.length > 0 && (
        <p>
          {names.slice(0, NAMED).join(' · ')}
          {count > NAMED && <FormattedMessage id="editor.andMore" values={{ count: count - Math.min(NAMED, names.length) }} />}
        </p>
      )}
    </li>
  );
}

function nameOf(node: Row['nodes'][number]): string {
  switch (node.__typename) {
    case 'Organization':
      return node.shortName;
    case 'Site':
      return node.siteName;
    case 'Contact':
      return node.contactName;
    case 'Contract':
    case 'Job':
    case 'Report':
      return node.title;
    default:
      return node.id;
  }
}
