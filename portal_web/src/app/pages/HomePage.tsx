import { Link } from '@tanstack/react-router';
import type { FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { RequestWork } from '../../features/access/RequestWork';
import { JobList } from '../../features/job/JobList';
import { Today } from '../../features/job/Today';
import { Unread, UnreadFragment } from '../../features/notice/Unread';
import { ReportRow, ReportRowFragment } from '../../features/report/ReportRow';
import { PlaceCard, PlaceCardFragment } from '../../features/site/PlaceCard';
import { SitesAtAGlance } from '../../features/site/SitesAtAGlance';
import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import list from '../../ui/list.module.css';
import { PageHeading } from '../../ui/PageHeading';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section';
import { partOfDay, spokenDay } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import { Waiting } from './Waiting';

const SHOWN = 5;

const HomeFragment = graphql(
  `
    fragment Home_viewer on Viewer @_unmask {
      id
      name
      permissions
      ...Unread_viewer
      tenant {
        id
        name
      }
      places {
        ...PlaceCard_place
      }
      reports(first: 20, filter: { status: [PUBLISHED] }) {
        nodes {
          id
          ...ReportRow_report
        }
      }
    }
  `,
  [PlaceCardFragment, ReportRowFragment, UnreadFragment],
);

const HomeQuery = graphql(
  `
    query Home {
      viewer {
        ...Home_viewer
      }
    }
  `,
  [HomeFragment],
);

/** What is new and next, and where the viewer has access. */
export function HomePage() {
  const answer = useListAnswer(HomeQuery, {});
  return (
    <Answer of={answer} empty="never">
      {({ viewer }) => (
        <div className={page['page']}>
          <div className={page['topped']}>
            <Greeting name={viewer.name} tenant={viewer.tenant?.name} />
            <RequestWork permissions={viewer.permissions} />
          </div>
          <div className={page['columns']}>
            <div className={page['page']}>
              <Unread viewer={viewer} />
              <TodaysJobs />
              <LatestReports viewer={viewer} />
              <UpcomingJobs />
            </div>
            <div className={page['page']}>
              <Waiting />
              <Places viewer={viewer} />
              <SitesAtAGlance />
            </div>
          </div>
        </div>
      )}
    </Answer>
  );
}

function Greeting({ name, tenant }: { name: string; tenant: string | undefined }) {
  const intl = useIntl();
  const now = new Date(useMinute());
  const today = spokenDay(now, intl.locale);
  return (
    <PageHeading title={intl.formatMessage({ id: 'home.title' })} over={[tenant, today].filter(Boolean).join(' · ')}>
      <FormattedMessage id="home.greeting" values={{ part: partOfDay(now.getHours()), name: name.split(' ')[0] }} />
    </PageHeading>
  );
}

interface PartProps {
  viewer: FragmentOf<typeof HomeFragment>;
}

function LatestReports({ viewer }: PartProps) {
  const { nodes } = viewer.reports;
  return (
    <Section
      title={<FormattedMessage id="home.reports" />}
      more={
        <Link to="/reports">
          <FormattedMessage id="home.allReports" />
        </Link>
      }
    >
      {nodes.length === 0 && <Empty title="reports.empty.title" text="reports.empty.text" />}
      <ul className={list['list']}>
        {nodes.slice(0, SHOWN).map((report) => (
          <ReportRow key={report.id} report={report} />
        ))}
      </ul>
    </Section>
  );
}

function TodaysJobs() {
  return (
    <Section title={<FormattedMessage id="home.today" />} more={<FormattedMessage id="jobs.lead" tagName="span" />}>
      <Today />
    </Section>
  );
}

function UpcomingJobs() {
  return (
    <Section
      title={<FormattedMessage id="home.jobs" />}
      more={
        <Link to="/jobs">
          <FormattedMessage id="home.allJobs" />
        </Link>
      }
    >
      <JobList span="later" first={SHOWN} brief />
    </Section>
  );
}

function Places({ viewer }: PartProps) {
  return (
    <Section title={<FormattedMessage id="home.places" />}>
      {viewer.places.length === 0 && <Empty title="home.places.empty.title" text="home.places.empty.text" />}
      <ul className={list['list']}>
        {viewer.places.map((place, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a masked place has no key of its own and no state
          <PlaceCard key={index} place={place} tenant={viewer.tenant?.name ?? ''} />
        ))}
      </ul>
    </Section>
  );
}
