import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { Icon } from '../../ui/Icon';
import { Refusals } from '../../ui/Refusals';
import table from '../../ui/table.module.css';
import { GiveForm } from '../access/giving/GiveForm';
import { GrantChip, GrantChips } from '../access/GrantChip';
import { STAFF_ROLES } from '../access/grants';
import { useTake } from '../access/giving/useTake';

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

interface StaffRolesProps {
  user: FragmentOf<typeof StaffRolesFragment>;
  mayChange: boolean;
}

const BY_HAND = 'MANUAL';

/** The roles of one of the staff and where they hold; what they have for another cause than somebody's hand goes with it. */
export function StaffRoles({ user: masked, mayChange }: StaffRolesProps) {
  const intl = useIntl();
  const { id, staffName: name, staffGrants } = readFragment(StaffRolesFragment, masked);
  const { refusals, take } = useTake();
  const [adding, setAdding] = useState(false);

  return (
    <>
      <span className={table['cell']}>
        <GrantChips>
          {staffGrants.nodes.length === 0 && <FormattedMessage id="rights.none" />}
          {staffGrants.nodes.map((grant) => (
            <GrantChip
              key={grant.id}
              name={grant.name}
              of={name}
              place={
                [grant.organization?.shortName, grant.site?.staffSite].filter(Boolean).join(', ') ||
                intl.formatMessage({ id: 'rights.everywhere' })
              }
              automatic={grant.cause !== BY_HAND}
              onTake={mayChange && grant.cause === BY_HAND ? () => take(grant) : undefined}
            />
          ))}
          {mayChange && !adding && (
            <Button variant="default" size="compact-xs" leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
              <FormattedMessage id="staff.role.add" />
            </Button>
          )}
        </GrantChips>
        <Refusals of={refusals} />
      </span>
      {adding && (
        <div className={table['under']}>
          <GiveForm
            user={id}
            names={STAFF_ROLES}
            label="staff.role"
            onDone={() => setAdding(false)}
            onCancel={() => setAdding(false)}
          />
        </div>
      )}
    </>
  );
}
