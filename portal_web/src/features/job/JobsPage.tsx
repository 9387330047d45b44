import { NativeSelect } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { RequestWork } from '../access/RequestWork';
import { SiteChoice } from '../access/SiteChoice';
import { JobList, SiteJobList } from './JobList';
import { isSpan, SPANS } from './spans';

const RightsQuery = graphql(`
  query Rights {
    viewer {
      id
      permissions
    }
  }
`);

function RequestAnywhere() {
  const answer = useAnswer(RightsQuery, {});
  return answer.is === 'ready' ? <RequestWork permissions={answer.data.viewer.permissions} /> : null;
}

/** All jobs, coming or past, by site; the choice is in the address. */
export function JobsPage() {
  const intl = useIntl();
  const { site, show = 'upcoming' } = useSearch({ from: '/jobs' });
  const navigate = useNavigate({ from: '/jobs' });
  const title = intl.formatMessage({ id: 'jobs.title' });
  return (
    <div className={styles['page']}>
      <header className={styles['topped']}>
        <div className={styles['head']}>
          <PageHeading title={title}>{title}</PageHeading>
          <p className={styles['lead']}>
            <FormattedMessage id="jobs.lead" />
          </p>
        </div>
        <RequestAnywhere />
      </header>
      <div className={styles['filters']}>
        <NativeSelect
          label={intl.formatMessage({ id: 'jobs.filter.show' })}
          value={show}
          onChange={({ currentTarget: { value } }) =>
            void navigate({ search: (old) => ({ ...old, show: isSpan(value) ? value : undefined }), replace: true })
          }
          data={SPANS.map((one) => ({
            value: one,
            label: intl.formatMessage({ id: `jobs.filter.${one}` }),
          }))}
        />
        <SiteChoice
          label="jobs.filter.site"
          chosen={site}
          onChoose={(chosen) => void navigate({ search: (old) => ({ ...old, site: chosen }), replace: true })}
        />
      </div>
      <section aria-label={intl.formatMessage({ id: 'jobs.list' })} key={`${site} ${show}`}>
        {site ? <SiteJobList site={site} span={show} /> : <JobList span={show} />}
      </section>
    </div>
  );
}
