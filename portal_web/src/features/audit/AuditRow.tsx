import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl, type IntlShape } from 'react-intl';

import { graphql } from '../../gql/graphql';
import type { MessageId } from '../../ui/language';
import { grantWords } from '../access/GrantName';
import styles from './audit.module.css';

export const AuditRowFragment = graphql(`
  fragment AuditRow_entry on AuditEntry {
    at
    action
    bySystem
    actor {
      id
      actorName: name
    }
    user {
      id
      auditKind: kind
      userName: name
    }
    organization {
      id
      shortName
    }
    site {
      id
      auditSite: name
    }
    changes {
      field
      before
      after
    }
    sequence
    hash
  }
`);

const isWord = (id: string, messages: object): id is MessageId => Object.hasOwn(messages, id);

/** What there are no words for is said as the service names it. */
function words(intl: IntlShape, id: string, otherwise: string): string {
  return isWord(id, intl.messages) ? intl.formatMessage({ id }) : otherwise;
}

/** One change: when, who, what, whose and where, and below it each value before and after. */
export function AuditRow({ entry: masked }: { entry: FragmentOf<typeof AuditRowFragment> }) {
  const intl = useIntl();
  const { at, action, bySystem, actor, user, organization, site, changes, sequence, hash } = readFragment(AuditRowFragment, masked);
  const place = site?.auditSite ?? organization?.shortName;
  // The kind of a grant follows from its name.
  const shown = changes.filter(({ field }) => !(field === 'kind' && action.startsWith('Access')));
  return (
    <li className={styles['entry']} data-testid="entry" data-action={action}>
      <time dateTime={at} title={new Date(at).toLocaleString(intl.locale)}>
        {new Date(at).toLocaleTimeString('en-GB')}
      </time>
      <span className={styles['what']}>
        <strong>{words(intl, `trail.action.${action}`, action)}</strong>
        {user && (
          <span>
            {user.auditKind === 'PORTAL' ? (
              <Link to="/access/people/$id" params={{ id: user.id }}>
                {user.userName}
              </Link>
            ) : (
              user.userName
            )}
          </span>
        )}
        {place && <span className={styles['quiet']}>{place}</span>}
      </span>
      <span className={styles['by']}>
        {actor?.actorName ?? <FormattedMessage id={bySystem ? 'trail.bySystem' : 'trail.byHidden'} />}
      </span>
      {shown.length > 0 && (
        <dl className={styles['changes']}>
          {shown.map(({ field, before, after }) => (
            <div key={field}>
              <dt>{words(intl, `trail.field.${field === 'name' && action.startsWith('Access') ? 'right' : field}`, field)}</dt>
              <dd>
                {before !== null && <del>{valueWords(intl, field, before, action)}</del>}
                {before !== null && after !== null && <span aria-hidden="true"> → </span>}
                {after !== null && <ins>{valueWords(intl, field, after, action)}</ins>}
                {before === null && after === null && <span className={styles['quiet']}>–</span>}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {hash && (
        <code className={styles['hash']} title={hash}>
          #{sequence} {hash.slice(0, 8)}
        </code>
      )}
    </li>
  );
}

function valueWords(intl: IntlShape, field: string, value: string, action: string): string {
  if (field === 'name') return action.startsWith('Access') ? grantWords(intl, value) : value;
  if (field === 'status') return words(intl, `person.status.${value}`, words(intl, `trail.value.${value}`, value));
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return new Date(value).toLocaleString(intl.locale === 'en' ? 'en-GB' : intl.locale);
  return words(intl, `trail.value.${value}`, value);
}
