import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Refusals } from '../../ui/Refusals';
import { GiveForm } from '../access/giving/GiveForm';
import { GrantChip, GrantChips } from '../access/GrantChip';
import { SCOPES } from '../access/grants';
import { useTake } from '../access/giving/useTake';
import { useWho } from '../access/who';
import styles from './partner.module.css';

export const PartnerScopesFragment = graphql(`
  fragment PartnerScopes_application on PartnerApplication {
    id
    scopesName: name
    user {
      id
    }
    scopes: grants(first: 100) {
      nodes {
        id
        version
        name
        organization {
          id
          shortName
        }
        site {
          id
          scopeSite: name
        }
      }
    }
  }
`);

interface PartnerScopesProps {
  application: FragmentOf<typeof PartnerScopesFragment>;
  mayChange: boolean;
}

/** What the application may read, place by place. */
export function PartnerScopes({ application, mayChange }: PartnerScopesProps) {
  const who = useWho();
  const { scopesName, user, scopes } = readFragment(PartnerScopesFragment, application);
  const { refusals, take } = useTake();
  const places = new Map<string, typeof scopes.nodes>();
  for (const scope of scopes.nodes) {
    const place = [scope.organization?.shortName, scope.site?.scopeSite].filter(Boolean).join(', ') || (who?.tenant?.name ?? '');
    places.set(place, [...(places.get(place) ?? []), scope]);
  }

  return (
    <div className={styles['body']}>
      {places.size === 0 && (
        <p>
          <FormattedMessage id="partners.noScopes.text" />
        </p>
      )}
      <dl className={styles['group']}>
        {[...places].map(([place, held]) => (
          <div key={place}>
            <dt>{place}</dt>
            <dd>
              <GrantChips>
                {held.map((scope) => (
                  <GrantChip key={scope.id} name={scope.name} of={scopesName} onTake={mayChange ? () => take(scope) : undefined} />
                ))}
              </GrantChips>
            </dd>
          </div>
        ))}
      </dl>
      <Refusals of={refusals} />
      {mayChange && user && <GiveForm user={user.id} names={SCOPES} label="partners.scope" />}
    </div>
  );
}
