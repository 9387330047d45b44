import { Link, useParams } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { NodePage } from '../../features/access/NodePage';
import { SiteJobList } from '../../features/job/JobList';
import { SiteReportList } from '../../features/report/ReportList';
import { Rights } from '../../features/site/Rights';
import { SiteHeader, SiteHeaderFragment } from '../../features/site/SiteHeader';
import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Icon } from '../../ui/Icon';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section';
import styles from './HomePage.module.css';

const SiteQuery = graphql(
  `
    query Site($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Site {
          viewerPermissions
          ...SiteHeader_site
        }
      }
    }
  `,
  [SiteHeaderFragment],
);

/** One site: what it is, its reports and jobs, and what the viewer may do there. */
export function SitePage() {
  const { id } = useParams({ from: '/sites/$id' });
  return (
    <div className={page['page']}>
      <Link to="/" className={page['back']}>
        <Icon name="back" />
        <FormattedMessage id="nav.back.home" />
      </Link>
      <Loaded key={id} id={id} />
    </div>
  );
}

function Loaded({ id }: { id: string }) {
  const answer = useAnswer(SiteQuery, { id });
  return (
    <NodePage what="site" id={id} of={answer} node={({ node }) => (node?.__typename === 'Site' ? node : null)}>
      {(site) => (
        <div className={page['page']}>
          <div className={page['node']}>
            <SiteHeader site={site} />
          </div>
          <div className={styles['columns']}>
            <div className={page['page']}>
              <Section title={<FormattedMessage id="reports.title" />}>
                <SiteReportList site={id} />
              </Section>
              <Section title={<FormattedMessage id="home.jobs" />}>
                <SiteJobList site={id} span="upcoming" />
              </Section>
            </div>
            <Section title={<FormattedMessage id="site.rights" />}>
              <Rights permissions={site.viewerPermissions} />
            </Section>
          </div>
        </div>
      )}
    </NodePage>
  );
}
