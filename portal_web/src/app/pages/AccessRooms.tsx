import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';
import { useSubscription } from 'urql';

import { useWho } from '../../features/access/who';
import { graphql, type Permission } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { SpeakingOfWork, type MessageId } from '../../ui/language';
import { PageHeading } from '../../ui/PageHeading';
import styles from './AccessRooms.module.css';

const AccessRoomsQuery = graphql(`
  query AccessRooms {
    viewer {
      id
      permissions
      places {
        organization {
          id
        }
        site {
          id
        }
        permissions
      }
    }
  }
`);

const AccessChangesSubscription = graphql(`
  subscription AccessChanges($under: ID!, $types: [NodeTypeName!], $after: String) {
    changes(under: $under, types: $types, after: $after) {
      __typename
      ... on Change {
        kind
        nodeId
        nodeType
        offset
      }
      ... on Reload {
        reason
        offset
      }
    }
  }
`);

interface RoomLink {
  to: '/access' | '/access/staff' | '/access/partners' | '/access/review' | '/access/trail';
  name: MessageId;
  /** The right without which there is nothing to see here. */
  needs: Permission;
}

const PEOPLE: RoomLink = { to: '/access', name: 'rooms.people', needs: 'VIEW_ACCESS' };
const ROOMS: readonly RoomLink[] = [
  PEOPLE,
  { to: '/access/staff', name: 'rooms.staff', needs: 'VIEW_ACCESS' },
  { to: '/access/partners', name: 'rooms.partners', needs: 'MANAGE_PARTNERS' },
  { to: '/access/review', name: 'rooms.review', needs: 'VIEW_ACCESS' },
  { to: '/access/trail', name: 'rooms.trail', needs: 'VIEW_ACCESS' },
];

/** So many places are followed at once. */
const FOLLOWED = 12;

/** The rooms about people and access, in the words that are only read there. */
export function AccessRooms() {
  return (
    <SpeakingOfWork>
      <Rooms />
    </SpeakingOfWork>
  );
}

/** The way between the rooms, and what happens in them as it happens. */
function Rooms() {
  const intl = useIntl();
  const who = useWho();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const answer = useAnswer(AccessRoomsQuery, {});
  const here = ROOMS.findLast(({ to }) => path === to || path.startsWith(`${to}/`)) ?? PEOPLE;
  return (
    <Answer of={answer} empty="never">
      {({ viewer: { permissions, places } }) => {
        if (!permissions.includes(here.needs)) return <Closed needs={here.needs} />;
        const followed = places
          .filter((place) => place.permissions.includes(here.needs))
          .flatMap((place) => place.site?.id ?? place.organization?.id ?? who?.tenant?.id ?? []);
        return (
          <div className={styles['rooms']}>
            <nav aria-label={intl.formatMessage({ id: 'rooms.title' })} className={styles['nav']}>
              {ROOMS.filter(({ needs }) => permissions.includes(needs)).map(({ to, name }) => (
                <Link
                  key={to}
                  to={to}
                  // By itself a link holds all that lies below its address for its own, and below the first one lie all.
                  activeOptions={{ exact: true, includeSearch: false }}
                  aria-current={to === here.to ? 'page' : undefined}
                >
                  <FormattedMessage id={name} />
                </Link>
              ))}
            </nav>
            {[...new Set(followed)].slice(0, FOLLOWED).map((id) => (
              <Followed key={id} under={id} />
            ))}
            <Outlet />
          </div>
        );
      }}
    </Answer>
  );
}

const TYPES = ['User', 'Membership', 'PortalUser', 'Grant', 'Invitation', 'PartnerApplication', 'PartnerSecret'] as const;

/** Nothing is drawn from it: lists are fetched again once something here has changed. */
function Followed({ under }: { under: string }) {
  useSubscription({ query: AccessChangesSubscription, variables: { under, types: [...TYPES] } });
  return null;
}

function Closed({ needs }: { needs: Permission }) {
  const intl = useIntl();
  const title = intl.formatMessage({ id: 'rooms.title' });
  const words = intl.formatMessage({ id: `permission.${needs}` });
  return (
    <>
      <PageHeading title={title}>{title}</PageHeading>
      <Empty title="rooms.closed.title" text="rooms.closed.text" />
      <p>{intl.formatMessage({ id: 'unavailable.because.needs' }, { permission: words })}</p>
    </>
  );
}
