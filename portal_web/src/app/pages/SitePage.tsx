import { Link, useParams } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { NodePage } from '../../features/access/NodePage';
import { RequestWork } from '../../features/access/RequestWork';
import { SiteContacts } from '../../features/contact/SiteContacts';
import { SiteContracts } from '../../features/contract/SiteContracts';
import { SiteJobList } from '../../features/job/JobList';
import { SiteReportList } from '../../features/report/ReportList';
import { Rights } from '../../features/site/Rights';
import { SiteHeader, SiteHeaderFragment } from '../../features/site/SiteHeader';
import { graphql, type Permission } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Icon } from '../../ui/Icon';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section';

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
      <Link to="/sites" className={page['back']}>
        <Icon name="back" />
        <FormattedMessage id="nav.back.sites" />
      </Link>
      <Loaded key={id} id={id} />
    </div>
  );
}

function Loaded({ id }: { id: string }) {
  const answer = useAnswer(SiteQuery, { id });
  return (
    <NodePage what="site" id={id} of={answer} node={({ node }) => (node?.__typename === 'Site' ? node : null)}>
      {(site) => {
        const can = (right: Permission) => site.viewerPermissions.includes(right);
        return (
        <div className={page['page']}>
          <div className={page['node']}>
            <SiteHeader site={site}>
              <RequestWork permissions={site.viewerPermissions} site={id} />
            </SiteHeader>
          </div>
          <div className={page['columns']}>
            <div className={page['page']}>
              {can('VIEW_JOBS') && (
                <Section title={<FormattedMessage id="site.jobs" />} more={<AllJobs site={id} />}>
                  <SiteJobList site={id} span="upcoming" />
                </Section>
              )}
              <Section title={<FormattedMessage id="reports.title" />}>
                <SiteReportList site={id} />
              </Section>
              {can('VIEW_CONTRACTS') && (
                <Section title={<FormattedMessage id="contracts.title" />}>
                  <SiteContracts site={id} />
                </Section>
              )}
            </div>
            <div className={page['page']}>
              {can('VIEW_CONTACTS') && (
                <Section title={<FormattedMessage id="contacts.title" />}>
                  <SiteContacts site={id} />
                </Section>
              )}
              <Section title={<FormattedMessage id="site.rights" />}>
                <Rights permissions={site.viewerPermissions} />
              </Section>
            </div>
          </div>
        </div>
        );
      }}
    </NodePage>
  );
}

function AllJobs({ site }: { site: string }) {
  return (
    <Link to="/jobs" search={{ site }}>
      <FormattedMessage id="home.allJobs" />
    </Link>
  );
}
