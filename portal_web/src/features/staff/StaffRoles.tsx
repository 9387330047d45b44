import { Button, NativeSelect } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Outcome, type Refusal } from '../../gql/useCommand';
import { Icon } from '../../ui/Icon';
import { Refusals } from '../../ui/Refusals';
import { STAFF_ROLES } from '../access/grants';
import { grantWords } from '../access/GrantName';
import { GrantChip, GrantChips } from '../access/GrantChip';
import { useWho } from '../access/who';

export const StaffRolesFragment = graphql(`
  fragment StaffRoles_user on User {
    id
    staffName: name
    staffGrants: grants(first: 50) {
      nodes {
        id
        version
        name
        cause
        organization {
          id
          shortName
        }
        site {
          id
          staffSite: name
        }
      }
    }
  }
`);

const GrantAccessMutation = graphql(`
  mutation GrantAccess($user: ID!, $place: ID!, $name: String!) {
    grantAccess(input: { userId: $user, placeId: $place, name: $name }) {
      grant {
        id
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

const RevokeAccessMutation = graphql(`
  mutation RevokeAccess($id: ID!, $version: Int) {
    revokeAccess(input: { id: $id, expectedVersion: $version }) {
      grant {
        id
        archivedAt
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

interface StaffRolesProps {
  user: FragmentOf<typeof StaffRolesFragment>;
  mayChange: boolean;
}

const BY_HAND = 'MANUAL';

/** The roles of one of the staff; what they have for another cause than somebody's hand goes with that cause. */
export function StaffRoles({ user: masked, mayChange }: StaffRolesProps) {
  const { id, staffName: name, staffGrants } = readFragment(StaffRolesFragment, masked);
  const revoke = useCommand(RevokeAccessMutation);
  const [adding, setAdding] = useState(false);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();

  async function took(outcome: Promise<Outcome<unknown>>) {
    const became = await outcome;
    setRefusals(became.is === 'done' ? undefined : became.is === 'refused' ? became.refusals : []);
  }

  return (
    <>
      <GrantChips>
        {staffGrants.nodes.length === 0 && <FormattedMessage id="rights.none" />}
        {staffGrants.nodes.map((grant) => (
          <GrantChip
            key={grant.id}
            name={grant.name}
            of={name}
            place={grant.site?.staffSite ?? grant.organization?.shortName}
            automatic={grant.cause !== BY_HAND}
            onTake={
              mayChange && grant.cause === BY_HAND
                ? () => void took(revoke.run({ id: grant.id, version: grant.version }))
                : undefined
            }
          />
        ))}
        {mayChange && !adding && (
          <Button variant="default" size="compact-xs" leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            <FormattedMessage id="staff.role.add" />
          </Button>
        )}
      </GrantChips>
      <Refusals of={refusals} />
      {adding && <AddRole user={id} has={staffGrants.nodes.map((one) => one.name)} onDone={() => setAdding(false)} />}
    </>
  );
}

function AddRole({ user, has, onDone }: { user: string; has: readonly string[]; onDone: () => void }) {
  const intl = useIntl();
  const who = useWho();
  const grant = useCommand(GrantAccessMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();

  async function give(name: string) {
    const outcome = await grant.run({ user, place: who?.tenant?.id ?? '', name });
    if (outcome.is === 'done') return onDone();
    return setRefusals(outcome.is === 'refused' ? outcome.refusals : []);
  }

  return (
    <>
      <NativeSelect
        aria-label={intl.formatMessage({ id: 'staff.role.add' })}
        size="xs"
        value=""
        disabled={grant.running}
        onChange={({ currentTarget: { value } }) => void give(value)}
        onKeyDown={({ key }) => key === 'Escape' && onDone()}
        data={[
          { value: '', label: intl.formatMessage({ id: 'staff.role.choose' }) },
          ...STAFF_ROLES.filter((role) => !has.includes(role)).map((role) => ({ value: role, label: grantWords(intl, role) })),
        ]}
      />
      <Refusals of={refusals} />
    </>
  );
}
