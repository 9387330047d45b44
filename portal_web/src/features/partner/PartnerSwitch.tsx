import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAct } from '../../gql/useAct';
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
  const [sure, setSure] = useState(false);
  const off = switchStatus === 'DISABLED';
  const { running, refusals, act } = off ? enable : disable;

  async function run() {
    await act({ id });
    setSure(false);
  }

  return (
    <div>
      <Refusals of={refusals} />
      <Button
        variant={sure ? 'filled' : 'default'}
        loading={running}
        onClick={() => (off || sure ? void run() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        <FormattedMessage id={off ? 'partners.enable' : sure ? 'partners.disable.sure' : 'partners.disable'} />
      </Button>
    </div>
  );
}
