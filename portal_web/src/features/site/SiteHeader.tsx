import { Link } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import type { ReactNode } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Fact, Facts } from '../../ui/Facts';
import { Moment } from '../../ui/Moment';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { Status, type Tone } from '../../ui/Status';
import { useMinute } from '../../ui/useMinute';

export const SiteHeaderFragment = graphql(`
  fragment SiteHeader_site on Site {
    id
    name
    siteStatus: status
    timeZone
    address {
      street
      postalCode
      city
      country
    }
    organization {
      id
      shortName
    }
  }
`);

const TONES: Record<ReturnType<typeof graphql.scalar<'SiteStatus'>>, Tone> = {
  ACTIVE: 'good',
  LIMITED: 'warm',
  CLOSED: 'quiet',
};

interface SiteHeaderProps {
  site: FragmentOf<typeof SiteHeaderFragment>;
  /** What can be done about it, beside its name. */
  children?: ReactNode;
}

/** A site's name, where it is and what time it is there. */
export function SiteHeader({ site: masked, children }: SiteHeaderProps) {
  const intl = useIntl();
  const site = readFragment(SiteHeaderFragment, masked);
  const now = useMinute();
  const { street, postalCode, city, country } = site.address;
  const town = [postalCode, city].filter(Boolean).join(' ');
  const address = [street, town, country && intl.formatDisplayName(country, { type: 'region' })].filter(Boolean);
  const over = (
    <>
      <FormattedMessage id="site.label" />
      <Status tone={TONES[site.siteStatus]}>
        <FormattedMessage id={`site.status.${site.siteStatus}`} />
      </Status>
    </>
  );
  return (
    <>
      <div className={styles['topped']}>
        <PageHeading title={site.name} over={over}>
          {site.name}
        </PageHeading>
        {children}
      </div>
      <Facts>
        {site.organization && (
          <Fact name={intl.formatMessage({ id: 'site.organization' })}>
            <Link to="/organizations/$id" params={{ id: site.organization.id }}>
              {site.organization.shortName}
            </Link>
          </Fact>
        )}
        <Fact name={intl.formatMessage({ id: 'site.address' })}>
          {address.join(', ') || <FormattedMessage id="site.noAddress" />}
        </Fact>
        <Fact name={intl.formatMessage({ id: 'site.timeZone' })}>
          <Moment at={now} zone={site.timeZone} />
        </Fact>
      </Facts>
    </>
  );
}
