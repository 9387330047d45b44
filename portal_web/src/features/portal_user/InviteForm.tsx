import { Button, NativeSelect } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { useFieldRefusals } from '../../ui/refused';
import { Refusals } from '../../ui/Refusals';
import { Section } from '../../ui/Section';
import table from '../../ui/table.module.css';
import { Tick, Ticks } from '../../ui/Tick';
import { FEATURES, PORTAL_ROLES, REPORT_KINDS } from '../access/grants';
import { grantWords } from '../access/GrantName';
import { ContactChoice } from './ContactChoice';
import { SiteTicks } from './SiteTicks';

const InvitableQuery = graphql(`
  query Invitable($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Organization {
        shortName
        contacts(first: 1) {
          nodes {
            id
          }
        }
        sites(first: 1) {
          nodes {
            id
          }
        }
      }
    }
  }
`);

const InvitePortalUserMutation = graphql(`
  mutation InvitePortalUser($input: InvitePortalUserInput!) {
    invitePortalUser(input: $input) {
      invitation {
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

interface InviteFormProps {
  organization: string;
  onDone: () => void;
}

/** Makes one of the organization's contacts a person of the portal, and sends them the way in. */
export function InviteForm({ organization, onDone }: InviteFormProps) {
  const answer = useListAnswer(InvitableQuery, { id: organization });
  return (
    <Section title={<FormattedMessage id="invite.title" />}>
      <Answer
        of={answer}
        empty={{
          when: ({ node }) => node?.__typename !== 'Organization' || node.contacts.nodes.length === 0,
          show: <Empty title="invite.none.title" text="invite.none.text" />,
        }}
      >
        {({ node }) =>
          node?.__typename === 'Organization' && (
            <Fields id={organization} name={node.shortName} hasSites={node.sites.nodes.length > 0} onDone={onDone} />
          )
        }
      </Answer>
    </Section>
  );
}

interface FieldsProps {
  id: string;
  name: string;
  hasSites: boolean;
  onDone: () => void;
}

const SHOWN = ['contactId', 'email', 'role', 'features', 'reportKinds', 'placeIds', 'delivery'];

function Fields({ id, name, hasSites, onDone }: FieldsProps) {
  const intl = useIntl();
  const { running, run } = useCommand(InvitePortalUserMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const [wide, setWide] = useState(true);
  const { at, others } = useFieldRefusals(refusals, SHOWN);
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const all = (field: string) => form.getAll(field).map(String);
    const outcome = await run({
      input: {
        contactId: String(form.get('contactId') ?? ''),
        delivery: form.get('delivery') === 'TEMPORARY_PASSWORD' ? 'TEMPORARY_PASSWORD' : 'LINK',
        role: all('role')[0] || null,
        features: all('features'),
        reportKinds: REPORT_KINDS.filter((kind) => form.getAll('reportKinds').includes(kind)),
        placeIds: wide ? [id] : all('placeIds'),
        idempotencyKey,
      },
    });
    if (outcome.is === 'done') return onDone();
    if (outcome.is === 'failed') return setRefusals([]);
    // What is sent after a refusal is another command; what is sent after a broken connection is the same.
    setKey(crypto.randomUUID());
    return setRefusals(outcome.refusals);
  }

  return (
    <form className={table['form']} onSubmit={(event) => void submit(event)}>
      <Refusals of={others} />
      <ContactChoice organization={id} error={at('contactId') ?? at('email')} />
      <div className={table['pair']}>
        <NativeSelect
          name="role"
          label={intl.formatMessage({ id: 'invite.role' })}
          error={at('role')}
          data={[
            ...PORTAL_ROLES.map((role) => ({ value: role, label: grantWords(intl, role) })),
            { value: '', label: intl.formatMessage({ id: 'role.none' }) },
          ]}
        />
        <NativeSelect
          name="delivery"
          label={intl.formatMessage({ id: 'invite.delivery' })}
          error={at('delivery')}
          data={(['LINK', 'TEMPORARY_PASSWORD'] as const).map((value) => ({
            value,
            label: intl.formatMessage({ id: `invite.delivery.${value}` }),
          }))}
        />
      </div>
      <Ticks name={<FormattedMessage id="invite.places" />} error={at('placeIds')}>
        <Tick type="radio" name="width" checked={wide} onChange={() => setWide(true)}>
          <FormattedMessage id="invite.places.all" values={{ name }} />
        </Tick>
        <Tick type="radio" name="width" checked={!wide} disabled={!hasSites} onChange={() => setWide(false)}>
          <FormattedMessage id="invite.places.chosen" />
        </Tick>
      </Ticks>
      {!wide && <SiteTicks organization={id} />}
      <Ticks name={<FormattedMessage id="editor.features" />} error={at('features')}>
        {FEATURES.map((feature) => (
          <Tick key={feature} name="features" value={feature}>
            {grantWords(intl, feature)}
          </Tick>
        ))}
      </Ticks>
      <Ticks name={<FormattedMessage id="editor.reports" />} error={at('reportKinds')}>
        {REPORT_KINDS.map((kind) => (
          <Tick key={kind} name="reportKinds" value={kind}>
            <FormattedMessage id={`report.kind.${kind}`} />
          </Tick>
        ))}
      </Ticks>
      <div className={table['buttons']}>
        <Button type="submit" loading={running}>
          <FormattedMessage id="invite.submit" />
        </Button>
        <Button variant="default" onClick={onDone}>
          <FormattedMessage id="form.cancel" />
        </Button>
      </div>
    </form>
  );
}
