import { use, useEffect } from 'react';
import { useSubscription } from 'urql';

import { AccessFragment, placeId } from '../features/access/access';
import { ConnectionContext } from '../features/access/connection';
import { ContactFactsFragment } from '../features/contact/ContactPage';
import { ContactRowFragment } from '../features/contact/ContactRow';
import { ProposalFragment } from '../features/contact/Proposals';
import { ContractRowFragment } from '../features/contract/ContractRow';
import { JobDetailFragment } from '../features/job/JobPage';
import { JobRowFragment } from '../features/job/JobRow';
import { UnreadFragment } from '../features/notice/Unread';
import { ReportTextFragment } from '../features/report/ReportPage';
import { ReportRowFragment } from '../features/report/ReportRow';
import { PlaceCardFragment } from '../features/site/PlaceCard';
import { SiteHeaderFragment } from '../features/site/SiteHeader';
import { graphql } from '../gql/graphql';

/** So many places are followed at once; what happens at others shows when their page is opened. */
const FOLLOWED = 12;

const AccessSubscription = graphql(
  `
    subscription Access {
      access {
        ...Access_viewer
        ...Unread_viewer
        id
        places {
          ...PlaceCard_place
        }
        reports(first: 20, filter: { status: [PUBLISHED] }) {
          nodes {
            id
            ...ReportRow_report
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  `,
  [AccessFragment, UnreadFragment, PlaceCardFragment, ReportRowFragment],
);

const ChangesSubscription = graphql(
  `
    subscription Changes($under: ID!, $after: String) {
      changes(under: $under, types: [Report, Job, Site, Contact, Contract, ChangeRequest], after: $after) {
        __typename
        ... on Change {
          kind
          nodeId
          nodeType
          offset
          node {
            __typename
            id
            ... on Report {
              ...ReportRow_report
              ...ReportText_report
            }
            ... on Job {
              ...JobRow_job
              ...JobDetail_job
            }
            ... on Site {
              ...SiteHeader_site
            }
            ... on Contact {
              ...ContactFacts_contact
              ...ContactRow_contact
            }
            ... on Contract {
              ...ContractRow_contract
            }
            ... on ChangeRequest {
              ...Proposal_changeRequest
            }
          }
        }
        ... on Reload {
          reason
          offset
        }
      }
    }
  `,
  [
    ReportRowFragment,
    ReportTextFragment,
    JobRowFragment,
    JobDetailFragment,
    SiteHeaderFragment,
    ContactFactsFragment,
    ContactRowFragment,
    ContractRowFragment,
    ProposalFragment,
  ],
);

/**
 * Keeps the cache as things are now: the viewer's access, and what happens at the places. Draws nothing.
 *
 * The fragments of different types meet in one selection here, so fields that share a name but not a type, as `status`,
 * have a name of their own in each of them.
 */
export function Live() {
  const [{ data, error }] = useSubscription({ query: AccessSubscription });
  const connection = use(ConnectionContext);
  useEffect(() => {
    // The socket is there, but this it will not send: then nothing is live, whatever the socket says.
    if (error) connection.set('refused');
  }, [error, connection]);
  if (!data) return null;
  const { access } = data;
  const ids = access.places.map((place) => placeId(place, access)).filter((id) => id !== undefined);
  return [...new Set(ids)].slice(0, FOLLOWED).map((id) => <Changes key={id} under={id} />);
}

function Changes({ under }: { under: string }) {
  useSubscription({ query: ChangesSubscription, variables: { under } });
  return null;
}
