import { Link, useParams } from '@tanstack/react-router';
import { FormattedMessage } from 'react-intl';

import { NodePage } from '../../features/access/NodePage';
import { Rights } from '../../features/site/Rights';
import { OrganizationSites } from '../../features/site/SiteRows';
import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Icon } from '../../ui/Icon';
import { PageHeading } from '../../ui/PageHeading';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section';

const OrganizationQuery = graphql(`
  query Organization($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
        shortName
        legalName
        viewerPermissions
      }
    }
  }
`);

/** One organization: its sites, and what the viewer may do for all of it. */
export function OrganizationPage() {
  const { id } = useParams({ from: '/organizations/$id' });
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
  const answer = useAnswer(OrganizationQuery, { id });
  return (
    <NodePage
      what="organization"
      id={id}
      of={answer}
      node={({ node }) => (node?.__typename === 'Organization' ? node : null)}
    >
      {({ shortName, legalName, viewerPermissions }) => (
        <div className={page['page']}>
          <PageHeading title={shortName} over={<FormattedMessage id="organization.label" />}>
            {legalName}
          </PageHeading>
          <div className={page['columns']}>
            <Section title={<FormattedMessage id="organization.sites" />}>
              <OrganizationSites id={id} />
            </Section>
            <Section title={<FormattedMessage id="site.rights" />}>
              <Rights permissions={viewerPermissions} />
            </Section>
          </div>
        </div>
      )}
    </NodePage>
  );
}
