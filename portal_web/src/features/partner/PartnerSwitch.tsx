import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
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
  const disable = useCommand(DisablePartnerMutation);
  const enable = useCommand(EnablePartnerMutation);
  const [sure, setSure] = useState(false);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const off = switchStatus === 'DISABLED';
  const act = off ? enable : disable;

  async function run() {
    const outcome = await act.run({ id });
    setSure(false);
    setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
  }

  return (
    <div>
      <Refusals of={refusals} />
      <Button
        variant={sure ? 'filled' : 'default'}
        loading={act.running}
        onClick={() => (off || sure ? void run() : setSure(true))}
        onBlur={() => setSure(false)}
      >
        <FormattedMessage id={off ? 'partners.enable' : sure ? 'partners.disable.sure' : 'partners.disable'} />
      </Button>
    </div>
  );
}
