import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import styles from '../../ui/list.module.css';
import { Status } from '../../ui/Status';
import { differsHere, timeInZone, zoneName } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';

export const SiteRowFragment = graphql(`
  fragment SiteRow_site on Site {
    id
    name
    siteStatus: status
    timeZone
    address {
      city
      country
    }
    organization {
      id
      shortName
    }
  }
`);

interface SiteRowProps {
  site: FragmentOf<typeof SiteRowFragment>;
  /** Whose site it is; left out where all the sites are of one. */
  showOrganization?: true;
}

/** A site in a list, with the time there where it is another one than here. */
export function SiteRow({ site: masked, showOrganization }: SiteRowProps) {
  const { locale, formatDisplayName } = useIntl();
  const site = readFragment(SiteRowFragment, masked);
  const now = useMinute();
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { city, country } = site.address;
  return (
    <li className={styles['row']}>
      <Link to="/sites/$id" params={{ id: site.id }}>
        <span className={styles['name']}>{site.name}</span>
        {differsHere(now, site.timeZone, here) && (
          <time className={styles['when']} dateTime={now}>
            {timeInZone(now, site.timeZone, locale)} {zoneName(now, site.timeZone, locale)}
          </time>
        )}
        <span className={styles['meta']}>
          <span>{[city, country && formatDisplayName(country, { type: 'region' })].filter(Boolean).join(', ')}</span>
          {showOrganization && site.organization && <span>{site.organization.shortName}</span>}
          {site.siteStatus !== 'ACTIVE' && (
            <Status tone="warm">
              <FormattedMessage id={`site.status.${site.siteStatus}`} />
            </Status>
          )}
        </span>
      </Link>
    </li>
  );
}
