import { NativeSelect } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { RequestForm } from './RequestForm';
import form from './request.module.css';

const RequestSitesQuery = graphql(`
  query RequestSites {
    viewer {
      id
      sites(first: 100, filter: { status: [ACTIVE, LIMITED] }) {
        nodes {
          id
          name
          timeZone
          viewerPermissions
          organization {
            id
            shortName
          }
        }
      }
    }
  }
`);

/** Asks for work at a site: one of the services that its organization has. */
export function RequestPage() {
  const intl = useIntl();
  const answer = useListAnswer(RequestSitesQuery, {});
  const { site: wanted } = useSearch({ from: '/request' });
  const navigate = useNavigate({ from: '/request' });
  const title = intl.formatMessage({ id: 'request.title' });
  return (
    <div className={styles['page']}>
      <header className={styles['head']}>
        <PageHeading title={title}>{title}</PageHeading>
        <p className={styles['lead']}>
          <FormattedMessage id="request.lead" />
        </p>
      </header>
      <Answer of={answer} empty="never">
        {({ viewer }) => {
          const open = viewer.sites.nodes.filter(({ viewerPermissions }) => viewerPermissions.includes('REQUEST_WORK'));
          const site = open.find(({ id }) => id === wanted) ?? open[0];
          if (!site?.organization) return <Empty title="request.none.title" text="request.none.text" />;
          return (
            <div className={form['request']}>
              <NativeSelect
                label={intl.formatMessage({ id: 'job.site' })}
                size="md"
                value={site.id}
                onChange={({ currentTarget }) => void navigate({ search: { site: currentTarget.value }, replace: true })}
                data={open.map(({ id, name, organization }) => ({
                  value: id,
                  label: [name, organization?.shortName].filter(Boolean).join(' · '),
                }))}
              />
              <RequestForm key={site.organization.id} organization={site.organization.id} site={site.id} zone={site.timeZone} />
            </div>
          );
        }}
      </Answer>
    </div>
  );
}
