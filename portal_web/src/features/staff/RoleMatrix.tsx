import { readFragment, type FragmentOf } from 'gql.tada';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Answer } from '../../ui/Answer';
import { Icon } from '../../ui/Icon';
import { STAFF_ROLES } from '../access/grants';
import { grantWords } from '../access/GrantName';
import styles from './RoleMatrix.module.css';

const ConferredCheckFragment = graphql(`
  fragment Conferred_check on PermissionCheck {
    permission
    conferredBy
  }
`);

/** Which right comes with which role, the service says: its policy is nowhere else. It is asked for twenty at a time. */
const RecordRightsQuery = graphql(
  `
  query RecordRights {
    clients_view: checkPermission(slug: "clients.view") {
      ...Conferred_check
    }
    clients_create: checkPermission(slug: "clients.create") {
      ...Conferred_check
    }
    clients_edit: checkPermission(slug: "clients.edit") {
      ...Conferred_check
    }
    clients_archive: checkPermission(slug: "clients.archive") {
      ...Conferred_check
    }
    clients_manage: checkPermission(slug: "clients.manage") {
      ...Conferred_check
    }
    billing_view: checkPermission(slug: "billing.view") {
      ...Conferred_check
    }
    billing_edit: checkPermission(slug: "billing.edit") {
      ...Conferred_check
    }
    tax_view: checkPermission(slug: "tax.view") {
      ...Conferred_check
    }
    sites_edit: checkPermission(slug: "sites.edit") {
      ...Conferred_check
    }
    sites_archive: checkPermission(slug: "sites.archive") {
      ...Conferred_check
    }
    contacts_view: checkPermission(slug: "contacts.view") {
      ...Conferred_check
    }
    contacts_private: checkPermission(slug: "contacts.private") {
      ...Conferred_check
    }
    contacts_propose: checkPermission(slug: "contacts.propose") {
      ...Conferred_check
    }
    contacts_edit: checkPermission(slug: "contacts.edit") {
      ...Conferred_check
    }
    contracts_view: checkPermission(slug: "contracts.view") {
      ...Conferred_check
    }
    contracts_edit: checkPermission(slug: "contracts.edit") {
      ...Conferred_check
    }
    contracts_activate: checkPermission(slug: "contracts.activate") {
      ...Conferred_check
    }
    rates_view: checkPermission(slug: "rates.view") {
      ...Conferred_check
    }
    terms_view: checkPermission(slug: "terms.view") {
      ...Conferred_check
    }
    jobs_view: checkPermission(slug: "jobs.view") {
      ...Conferred_check
    }
  }
`,
  [ConferredCheckFragment],
);

const FurtherRightsQuery = graphql(
  `
  query FurtherRights {
    jobs_request: checkPermission(slug: "jobs.request") {
      ...Conferred_check
    }
    jobs_edit: checkPermission(slug: "jobs.edit") {
      ...Conferred_check
    }
    jobs_dispatch: checkPermission(slug: "jobs.dispatch") {
      ...Conferred_check
    }
    jobs_cost: checkPermission(slug: "jobs.cost") {
      ...Conferred_check
    }
    reports_activity: checkPermission(slug: "reports.activity") {
      ...Conferred_check
    }
    reports_incident: checkPermission(slug: "reports.incident") {
      ...Conferred_check
    }
    reports_inspection: checkPermission(slug: "reports.inspection") {
      ...Conferred_check
    }
    reports_performance: checkPermission(slug: "reports.performance") {
      ...Conferred_check
    }
    reports_edit: checkPermission(slug: "reports.edit") {
      ...Conferred_check
    }
    notes_internal: checkPermission(slug: "notes.internal") {
      ...Conferred_check
    }
    notices_view: checkPermission(slug: "notices.view") {
      ...Conferred_check
    }
    notices_manage: checkPermission(slug: "notices.manage") {
      ...Conferred_check
    }
    portal_invite: checkPermission(slug: "portal.invite") {
      ...Conferred_check
    }
    portal_view_as: checkPermission(slug: "portal.view_as") {
      ...Conferred_check
    }
    access_view: checkPermission(slug: "access.view") {
      ...Conferred_check
    }
    access_portal: checkPermission(slug: "access.portal") {
      ...Conferred_check
    }
    access_staff: checkPermission(slug: "access.staff") {
      ...Conferred_check
    }
    partners_manage: checkPermission(slug: "partners.manage") {
      ...Conferred_check
    }
    records_import: checkPermission(slug: "records.import") {
      ...Conferred_check
    }
  }
`,
  [ConferredCheckFragment],
);

/** What each role of the staff allows, at the place where it is given: a right a row, a role a column. */
export function RoleMatrix() {
  const records = useAnswer(RecordRightsQuery, {});
  const further = useAnswer(FurtherRightsQuery, {});
  return (
    <Answer of={records} empty="never">
      {(some) => (
        <Answer of={further} empty="never">
          {(others) => <Matrix rights={[...Object.values(some), ...Object.values(others)]} />}
        </Answer>
      )}
    </Answer>
  );
}

function Matrix({ rights }: { rights: readonly FragmentOf<typeof ConferredCheckFragment>[] }) {
  const intl = useIntl();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <div className={styles['scroll']} role="group" tabIndex={0} aria-label={intl.formatMessage({ id: 'staff.matrix' })}>
      <table className={styles['matrix']}>
        <thead>
          <tr>
            <th scope="col">
              <FormattedMessage id="staff.matrix.right" />
            </th>
            {STAFF_ROLES.map((role) => (
              <th key={role} scope="col">
                {grantWords(intl, role)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rights.map((check, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- the rights are always these, in this order
            <Right key={index} of={check} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Right({ of: masked }: { of: FragmentOf<typeof ConferredCheckFragment> }) {
  const { permission, conferredBy } = readFragment(ConferredCheckFragment, masked);
  return (
    <tr>
      <th scope="row">
        <FormattedMessage id={`permission.${permission}`} />
      </th>
      {STAFF_ROLES.map((role) => (
        <td key={role}>
          {conferredBy.includes(role) && (
            <>
              <Icon name="check" />
              <span className="visually-hidden">
                <FormattedMessage id="staff.matrix.yes" />
              </span>
            </>
          )}
        </td>
      ))}
    </tr>
  );
}
