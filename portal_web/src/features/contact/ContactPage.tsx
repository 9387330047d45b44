import { Button } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useAnswer } from '../../gql/useAnswer';
import { Fact, Facts } from '../../ui/Facts';
import { Icon } from '../../ui/Icon';
import { PageHeading } from '../../ui/PageHeading';
import styles from '../../ui/page.module.css';
import { NodePage } from '../access/NodePage';
import { Permitted } from '../access/Permitted';
import { useWho } from '../access/who';
import { ContactProposals } from './ContactProposals';
import { ProposeChange, ProposeChangeFragment } from './ProposeChange';

export const ContactFactsFragment = graphql(`
  fragment ContactFacts_contact on Contact {
    id
    viewerPermissions
    contactName: name
    jobTitle
    email
    phone
    privatePhone
    preferredChannel
    organization {
      id
      shortName
    }
    site {
      id
      name
    }
  }
`);

const ContactQuery = graphql(
  `
    query Contact($id: ID!) {
      node(id: $id) {
        __typename
        id
        ... on Contact {
          viewerPermissions
          ...ContactFacts_contact
          ...ProposeChange_contact
        }
      }
    }
  `,
  [ContactFactsFragment, ProposeChangeFragment],
);

/** One person: how to reach them, and what is asked to be changed about it. */
export function ContactPage() {
  const { id } = useParams({ from: '/people/$id' });
  return (
    <div className={styles['page']}>
      <Link to="/people" className={styles['back']}>
        <Icon name="back" />
        <FormattedMessage id="nav.back.people" />
      </Link>
      <Loaded key={id} id={id} />
    </div>
  );
}

function Loaded({ id }: { id: string }) {
  const answer = useAnswer(ContactQuery, { id });
  const [proposing, setProposing] = useState(false);
  const may = !useWho()?.viewedBy;
  return (
    <NodePage what="contact" id={id} of={answer} node={({ node }) => (node?.__typename === 'Contact' ? node : null)}>
      {(contact) => (
        <article className={styles['page']}>
          <div className={styles['node']}>
            <ContactFacts contact={contact} />
            {may && contact.viewerPermissions.includes('PROPOSE_CONTACT_CHANGES') && !proposing && (
              <div>
                <Button variant="default" onClick={() => setProposing(true)}>
                  <FormattedMessage id="change.propose" />
                </Button>
              </div>
            )}
          </div>
          {proposing && <ProposeChange contact={contact} onDone={() => setProposing(false)} />}
          <ContactProposals contact={id} />
        </article>
      )}
    </NodePage>
  );
}

function ContactFacts({ contact: masked }: { contact: FragmentOf<typeof ContactFactsFragment> }) {
  const intl = useIntl();
  const contact = readFragment(ContactFactsFragment, masked);
  const { organization, site } = contact;
  return (
    <>
      <PageHeading title={contact.contactName} over={contact.jobTitle ?? <FormattedMessage id="contact.label" />}>
        {contact.contactName}
      </PageHeading>
      <Facts>
        <Fact name={intl.formatMessage({ id: 'contact.email' })}>
          {contact.email ? <a href={`mailto:${contact.email}`}>{contact.email}</a> : '–'}
        </Fact>
        <Fact name={intl.formatMessage({ id: 'contact.phone' })}>
          {contact.phone ? <a href={`tel:${contact.phone}`}>{contact.phone}</a> : '–'}
        </Fact>
        <Fact name={intl.formatMessage({ id: 'contact.privatePhone' })}>
          <Permitted to="VIEW_PRIVATE_PHONES" at={contact}>
            {contact.privatePhone ? <a href={`tel:${contact.privatePhone}`}>{contact.privatePhone}</a> : '–'}
          </Permitted>
        </Fact>
        <Fact name={intl.formatMessage({ id: 'contact.preferredChannel' })}>
          <FormattedMessage id={`contact.channel.${contact.preferredChannel}`} />
        </Fact>
        {organization && (
          <Fact name={intl.formatMessage({ id: 'site.organization' })}>
            <Link to="/organizations/$id" params={{ id: organization.id }}>
              {organization.shortName}
            </Link>
          </Fact>
        )}
        {site && (
          <Fact name={intl.formatMessage({ id: 'report.site' })}>
            <Link to="/sites/$id" params={{ id: site.id }}>
              {site.name}
            </Link>
          </Fact>
        )}
      </Facts>
    </>
  );
}
