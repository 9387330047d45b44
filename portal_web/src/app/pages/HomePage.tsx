import { Link } from '@tanstack/react-router';
import type { FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { RequestWork } from '../../features/access/RequestWork';
import { useWho } from '../../features/access/who';
import { JobList } from '../../features/job/JobList';
import { Today } from '../../features/job/Today';
import { Unread, UnreadFragment } from '../../features/notice/Unread';
import { ReportRow, ReportRowFragment } from '../../features/report/ReportRow';
import { PlaceCard, PlaceCardFragment } from '../../features/site/PlaceCard';
import { SitesAtAGlance } from '../../features/site/SitesAtAGlance';
import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { Answer, type AnswerState } from '../../ui/Answer';
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

/** What is new and next, and where the viewer has access. Each part asks for its own, all of them at once. */
export function HomePage() {
  const answer = useListAnswer(HomeQuery, {});
  const viewer = answer.is === 'ready' ? answer.data.viewer : undefined;
  return (
    <div className={page['page']}>
      <div className={page['topped']}>
        <Greeting />
        {viewer && <RequestWork permissions={viewer.permissions} />}
      </div>
      <div className={page['columns']}>
        <div className={page['page']}>
          {viewer && <Unread viewer={viewer} />}
          <Waiting />
          <TodaysJobs />
          <LatestReports of={answer} />
          <UpcomingJobs />
        </div>
        <div className={page['page']}>
          <Places of={answer} />
          <SitesAtAGlance />
        </div>
      </div>
    </div>
  );
}

function Greeting() {
  const intl = useIntl();
  const who = useWho();
  const now = new Date(useMinute());
  const today = spokenDay(now, intl.locale);
  return (
    <PageHeading title={intl.formatMessage({ id: 'home.title' })} over={[who?.tenant?.name, today].filter(Boolean).join(' · ')}>
      <FormattedMessage id="home.greeting" values={{ part: partOfDay(now.getHours()), name: who?.name.split(' ')[0] }} />
    </PageHeading>
  );
}

interface PartProps {
  of: AnswerState<{ viewer: FragmentOf<typeof HomeFragment> }>;
}

function LatestReports({ of }: PartProps) {
  return (
    <Section
      title={<FormattedMessage id="home.reports" />}
      more={
        <Link to="/reports">
          <FormattedMessage id="home.allReports" />
        </Link>
      }
    >
      <Answer
        of={of}
        empty={{
          when: ({ viewer }) => viewer.reports.nodes.length === 0,
          show: <Empty title="reports.empty.title" text="reports.empty.text" />,
        }}
      >
        {({ viewer }) => (
          <ul className={list['list']}>
            {viewer.reports.nodes.slice(0, SHOWN).map((report) => (
              <ReportRow key={report.id} report={report} />
            ))}
          </ul>
        )}
      </Answer>
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

function Places({ of }: PartProps) {
  return (
    <Section title={<FormattedMessage id="home.places" />}>
      <Answer
        of={of}
        empty={{
          when: ({ viewer }) => viewer.places.length === 0,
          show: <Empty title="home.places.empty.title" text="home.places.empty.text" />,
        }}
      >
        {({ viewer }) => (
          <ul className={list['list']}>
            {viewer.places.map((place, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a masked place has no key of its own and no state
              <PlaceCard key={index} place={place} tenant={viewer.tenant?.name ?? ''} />
            ))}
          </ul>
        )}
      </Answer>
    </Section>
  );
}
