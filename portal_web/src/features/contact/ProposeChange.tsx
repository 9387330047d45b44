import { Button, NativeSelect, TextInput } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
import type { MessageId } from '../../ui/language';
import { Refusals } from '../../ui/Refusals';
import { Section } from '../../ui/Section';
import { ProposalFragment } from './Proposals';
import styles from './proposal.module.css';

export const ProposeChangeFragment = graphql(`
  fragment ProposeChange_contact on Contact {
    id
    version
    viewerPermissions
    contactName: name
    jobTitle
    email
    phone
    privatePhone
    preferredChannel
  }
`);

const ProposeContactChangeMutation = graphql(
  `
    mutation ProposeContactChange($input: ProposeContactChangeInput!) {
      proposeContactChange(input: $input) {
        changeRequest {
          id
          ...Proposal_changeRequest
        }
        userErrors {
          field
          code
          message
        }
      }
    }
  `,
  [ProposalFragment],
);

const CHANNELS = ['EMAIL', 'PHONE', 'SMS'] as const;

interface ProposeChangeProps {
  contact: FragmentOf<typeof ProposeChangeFragment>;
  onDone: () => void;
}

/** Suggests other particulars; only what was changed is sent, and it counts once somebody has agreed. */
export function ProposeChange({ contact: masked, onDone }: ProposeChangeProps) {
  const intl = useIntl();
  const contact = readFragment(ProposeChangeFragment, masked);
  const { running, run } = useCommand(ProposeContactChangeMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const mayPrivate = contact.viewerPermissions.includes('VIEW_PRIVATE_PHONES');

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const before: Record<string, string | null> = {
      name: contact.contactName,
      jobTitle: contact.jobTitle,
      email: contact.email,
      phone: contact.phone,
      privatePhone: contact.privatePhone,
      preferredChannel: contact.preferredChannel,
    };
    const changed = [...form].flatMap(([name, value]) => {
      const now = String(value).trim() || null;
      return now === before[name] ? [] : [[name, now] as const];
    });
    const outcome = await run({
      input: { contactId: contact.id, contactVersion: contact.version, ...Object.fromEntries(changed) },
    });
    if (outcome.is === 'done') return onDone();
    return setRefusals(outcome.is === 'refused' ? outcome.refusals : []);
  }

  const field = (name: string, label: MessageId, value: string | null, type: 'text' | 'email' | 'tel' = 'text') => (
    <TextInput
      name={name}
      type={type}
      label={intl.formatMessage({ id: label })}
      defaultValue={value ?? ''}
      maxLength={320}
      autoComplete="off"
      error={refusals?.some((refusal) => refusal.field === `input.${name}` || refusal.field === name)}
    />
  );
  return (
    <Section title={<FormattedMessage id="change.propose" />}>
      <form className={styles['form']} onSubmit={(event) => void submit(event)}>
        <Refusals of={refusals} />
        {field('name', 'contact.name', contact.contactName)}
        {field('jobTitle', 'contact.jobTitle', contact.jobTitle)}
        {field('email', 'contact.email', contact.email, 'email')}
        {field('phone', 'contact.phone', contact.phone, 'tel')}
        {mayPrivate && field('privatePhone', 'contact.privatePhone', contact.privatePhone, 'tel')}
        <NativeSelect
          name="preferredChannel"
          label={intl.formatMessage({ id: 'contact.preferredChannel' })}
          defaultValue={contact.preferredChannel}
          data={CHANNELS.map((value) => ({ value, label: intl.formatMessage({ id: `contact.channel.${value}` }) }))}
        />
        <div className={styles['buttons']}>
          <Button type="submit" loading={running}>
            <FormattedMessage id="change.send" />
          </Button>
          <Button variant="default" onClick={onDone}>
            <FormattedMessage id="form.cancel" />
          </Button>
        </div>
      </form>
    </Section>
  );
}
