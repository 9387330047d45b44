import { useParams } from '@tanstack/react-router';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section';
import { Status } from '../../ui/Status';
import { NodePage } from '../access/NodePage';
import { Room } from '../access/Room';
import { useWho } from '../access/who';
import { PartnerFields, PartnerFieldsFragment } from './PartnerFields';
import { PartnerScopes, PartnerScopesFragment } from './PartnerScopes';
import { PartnerSecrets, PartnerSecretsFragment } from './PartnerSecrets';
import { PartnerSwitch, PartnerSwitchFragment } from './PartnerSwitch';

const PartnerQuery = graphql(
  `
    query Partner($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on PartnerApplication {
          name
          clientId
          partnerStatus: status
          environment
          viewerPermissions
          ...PartnerSwitch_application
          ...PartnerSecrets_application
          ...PartnerScopes_application
          ...PartnerFields_application
        }
      }
    }
  `,
  [PartnerSwitchFragment, PartnerSecretsFragment, PartnerScopesFragment, PartnerFieldsFragment],
);

/** One application: its secrets, what it may ask for and where, and how much. */
export function PartnerRoom() {
  const intl = useIntl();
  const who = useWho();
  const { id } = useParams({ from: '/access/partners/$id' });
  const answer = useListAnswer(PartnerQuery, { id });
  return (
    <NodePage what="application" id={id} of={answer} node={({ node }) => (node?.__typename === 'PartnerApplication' ? node : null)}>
      {(application) => {
        const mayChange = application.viewerPermissions.includes('MANAGE_PARTNERS') && !who?.viewedBy;
        return (
          <Room
            title={application.name}
            over={
              <>
                <span>{application.clientId}</span>
                <Status tone={application.partnerStatus === 'ACTIVE' ? 'good' : 'warm'}>
                  <FormattedMessage id={`partners.status.${application.partnerStatus}`} />
                </Status>
                {application.environment === 'SANDBOX' && <FormattedMessage id="partners.sandbox" />}
              </>
            }
            back={{ to: '/access/partners', name: intl.formatMessage({ id: 'partners.back' }) }}
            actions={mayChange && <PartnerSwitch application={application} />}
          >
            <div className={page['halves']}>
              <Section title={<FormattedMessage id="partners.secrets" />}>
                <PartnerSecrets application={application} mayChange={mayChange} />
              </Section>
              <Section title={<FormattedMessage id="partners.scopes" />}>
                <PartnerScopes application={application} mayChange={mayChange} />
              </Section>
            </div>
            <Section title={<FormattedMessage id="partners.terms" />}>
              <PartnerFields application={application} mayChange={mayChange} />
            </Section>
          </Room>
        );
      }}
    </NodePage>
  );
}
