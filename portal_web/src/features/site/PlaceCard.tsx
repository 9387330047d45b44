import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Icon } from '../../ui/Icon';
import styles from './PlaceCard.module.css';
import { Rights } from './Rights';

export const PlaceCardFragment = graphql(`
  fragment PlaceCard_place on AccessPlace {
    permissions
    organization {
      id
      shortName
    }
    site {
      id
      name
    }
  }
`);

interface PlaceCardProps {
  place: FragmentOf<typeof PlaceCardFragment>;
  /** What the whole company is called, for a place that is all of it. */
  tenant: string;
}

/** A place at which the viewer was given something, and what. */
export function PlaceCard({ place: masked, tenant }: PlaceCardProps) {
  const { organization, site, permissions } = readFragment(PlaceCardFragment, masked);
  return (
    <li className={styles['card']}>
      <span className={styles['icon']}>
        <Icon name={site ? 'site' : 'organization'} />
      </span>
      <div>
        <h3>
          {site ? (
            <Link to="/sites/$id" params={{ id: site.id }}>
              {site.name}
            </Link>
          ) : organization ? (
            <Link to="/organizations/$id" params={{ id: organization.id }}>
              {organization.shortName}
            </Link>
          ) : (
            <FormattedMessage id="place.tenant" values={{ name: tenant }} />
          )}
        </h3>
        <p className={styles['kind']}>
          {site && organization && <FormattedMessage id="place.site" values={{ organization: organization.shortName }} />}
          {site && !organization && <FormattedMessage id="place.siteAlone" />}
          {!site && organization && <FormattedMessage id="place.organization" />}
          {!site && !organization && <FormattedMessage id="place.tenantHint" />}
        </p>
        <details className={styles['rights']}>
          <summary>
            <FormattedMessage id="place.rights" />
          </summary>
          <Rights permissions={permissions} />
        </details>
      </div>
    </li>
  );
}
