import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { useFieldRefusals } from '../../ui/refused';
import { Refusals } from '../../ui/Refusals';
import table from '../../ui/table.module.css';

const CreateStaffUserMutation = graphql(`
  mutation CreateStaffUser($input: CreateStaffUserInput!) {
    createStaffUser(input: $input) {
      user {
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

/** A new member of the staff, who can do nothing until they are given a role. */
export function AddStaff({ onDone }: { onDone: () => void }) {
  const intl = useIntl();
  const { running, run } = useCommand(CreateStaffUserMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const { at, others } = useFieldRefusals(refusals, ['name', 'email', 'jobTitle']);
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const input = { name: text('name'), email: text('email'), jobTitle: text('jobTitle') || null, idempotencyKey };
    const outcome = await run({ input });
    if (outcome.is === 'done') return onDone();
    if (outcome.is === 'failed') return setRefusals([]);
    setKey(crypto.randomUUID());
    return setRefusals(outcome.refusals);
  }

  return (
    <form className={table['form']} onSubmit={(event) => void submit(event)}>
      <Refusals of={others} />
      <div className={table['pair']}>
        <TextInput name="name" required withAsterisk={false} label={intl.formatMessage({ id: 'contact.name' })} error={at('name')} />
        <TextInput
          name="email"
          type="email"
          required
          withAsterisk={false}
          label={intl.formatMessage({ id: 'contact.email' })}
          error={at('email')}
        />
        <TextInput name="jobTitle" label={intl.formatMessage({ id: 'contact.jobTitle' })} error={at('jobTitle')} />
      </div>
      <div className={table['buttons']}>
        <Button type="submit" loading={running}>
          <FormattedMessage id="staff.add" />
        </Button>
        <Button variant="default" onClick={onDone}>
          <FormattedMessage id="form.cancel" />
        </Button>
      </div>
    </form>
  );
}
