import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { grantWords } from './GrantName';
import styles from './RightsInShort.module.css';

export const RightsInShortFragment = graphql(`
  fragment RightsInShort_user on User {
    id
    shortGrants: grants(first: 30) {
      nodes {
        id
        name
        organization {
          id
          shortName
        }
        site {
          id
          siteName: name
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

const SHOWN = 4;

/** What somebody has, by name, and where. */
export function RightsInShort({ user: masked }: { user: FragmentOf<typeof RightsInShortFragment> }) {
  const intl = useIntl();
  const { shortGrants } = readFragment(RightsInShortFragment, masked);
  const names = [...new Set(shortGrants.nodes.map(({ name }) => name))];
  const sites = new Set(shortGrants.nodes.flatMap(({ site }) => site?.id ?? []));
  const wide = shortGrants.nodes.find(({ site }) => !site);
  if (names.length === 0) return <FormattedMessage id="rights.none" />;
  const one = shortGrants.nodes[0]?.site?.siteName;
  return (
    <span className={styles['rights']}>
      <span>
        {names.slice(0, SHOWN).map((name) => grantWords(intl, name)).join(', ')}
        {names.length > SHOWN && <FormattedMessage id="rights.more" values={{ count: names.length - SHOWN }} />}
      </span>
      <span className={styles['where']}>
        {wide ? (
          (wide.organization?.shortName ?? <FormattedMessage id="rights.everywhere" />)
        ) : sites.size === 1 && one ? (
          one
        ) : (
          <FormattedMessage id="rights.sites" values={{ count: sites.size }} />
        )}
        {wide && sites.size > 0 && <FormattedMessage id="rights.andSites" values={{ count: sites.size }} />}
      </span>
    </span>
  );
}
