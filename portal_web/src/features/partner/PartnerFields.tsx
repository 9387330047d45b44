import { Button, TextInput } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { useFieldRefusals } from '../../ui/refused';
import { Refusals } from '../../ui/Refusals';
import table from '../../ui/table.module.css';
import { Tick, Ticks } from '../../ui/Tick';
import styles from './partner.module.css';

export const PartnerFieldsFragment = graphql(`
  fragment PartnerFields_application on PartnerApplication {
    id
    version
    applicationName: name
    fields
    bucket
    restoreRate
  }
`);

const UpdatePartnerMutation = graphql(`
  mutation UpdatePartner($input: UpdatePartnerApplicationInput!) {
    updatePartnerApplication(input: $input) {
      partnerApplication {
        id
        version
        name
        fields
        bucket
        restoreRate
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

interface PartnerFieldsProps {
  application: FragmentOf<typeof PartnerFieldsFragment>;
  mayChange: boolean;
}

/** What is agreed: which fields it may ask for, and how much at once. */
export function PartnerFields({ application: masked, mayChange }: PartnerFieldsProps) {
  const intl = useIntl();
  const application = readFragment(PartnerFieldsFragment, masked);
  const { running, run } = useCommand(UpdatePartnerMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const [listed, setListed] = useState(application.fields !== null);
  const [saved, setSaved] = useState(false);
  const { at, others } = useFieldRefusals(refusals, ['name', 'fields', 'bucket', 'restoreRate']);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const outcome = await run({
      input: {
        id: application.id,
        name: text('name'),
        bucket: Number(text('bucket')),
        restoreRate: Number(text('restoreRate')),
        fields: listed ? text('fields').split(/[\s,]+/).filter(Boolean) : null,
        expectedVersion: application.version,
      },
    });
    setSaved(outcome.is === 'done');
    setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
  }

  const number = (name: 'bucket' | 'restoreRate') => (
    <TextInput
      name={name}
      type="number"
      required
      withAsterisk={false}
      disabled={!mayChange}
      label={intl.formatMessage({ id: `partners.${name}` })}
      defaultValue={String(application[name])}
      error={at(name)}
    />
  );
  return (
    <form key={application.version} className={table['form']} onSubmit={(event) => void submit(event)} onChange={() => setSaved(false)}>
      <Refusals of={others} />
      <div className={table['pair']}>
        <TextInput
          name="name"
          required
          withAsterisk={false}
          disabled={!mayChange}
          label={intl.formatMessage({ id: 'partners.name' })}
          defaultValue={application.applicationName}
          error={at('name')}
        />
        {number('bucket')}
        {number('restoreRate')}
      </div>
      <Ticks name={<FormattedMessage id="partners.fields" />} error={at('fields')}>
        <Tick type="radio" name="listed" disabled={!mayChange} checked={!listed} onChange={() => setListed(false)}>
          <FormattedMessage id="partners.fields.all" />
        </Tick>
        <Tick type="radio" name="listed" disabled={!mayChange} checked={listed} onChange={() => setListed(true)}>
          <FormattedMessage id="partners.fields.some" />
        </Tick>
      </Ticks>
      {listed && (
        <textarea
          name="fields"
          className={styles['fields']}
          aria-label={intl.formatMessage({ id: 'partners.fields.list' })}
          placeholder={'Site.name\nReport.title'}
          spellCheck={false}
          disabled={!mayChange}
          rows={8}
          defaultValue={(application.fields ?? []).join('\n')}
        />
      )}
      {mayChange && (
        <div className={table['buttons']}>
          <Button type="submit" loading={running}>
            <FormattedMessage id="form.save" />
          </Button>
          <span role="status">{saved && <FormattedMessage id="form.saved" />}</span>
        </div>
      )}
    </form>
  );
}
