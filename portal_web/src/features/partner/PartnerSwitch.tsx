import { readFragment, type FragmentOf } from 'gql.tada';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
import { ActButton } from '../../ui/ActButton';
import { Refusals } from '../../ui/Refusals';

export const PartnerSwitchFragment = graphql(`
  fragment PartnerSwitch_application on PartnerApplication {
    id
    switchStatus: status
  }
`);

const DisablePartnerMutation = graphql(`
  mutation DisablePartner($id: ID!) {
    disablePartnerApplication(input: { id: $id }) {
      partnerApplication {
        id
        version
        status
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

const EnablePartnerMutation = graphql(`
  mutation EnablePartner($id: ID!) {
    enablePartnerApplication(input: { id: $id }) {
      partnerApplication {
        id
        version
        status
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

/** Stops an application and every token it has, or lets it ask again. Stopping is asked for twice. */
export function PartnerSwitch({ application }: { application: FragmentOf<typeof PartnerSwitchFragment> }) {
  const { id, switchStatus } = readFragment(PartnerSwitchFragment, application);
  const disable = useAct(DisablePartnerMutation);
  const enable = useAct(EnablePartnerMutation);
  const off = switchStatus === 'DISABLED';
  const { running, refusals, act } = off ? enable : disable;

  return (
    <div>
      <Refusals of={refusals} />
      <ActButton
        name={off ? 'partners.enable' : 'partners.disable'}
        sure={off ? undefined : 'partners.disable.sure'}
        running={running}
        act={() => act({ id })}
      />
    </div>
  );
}
