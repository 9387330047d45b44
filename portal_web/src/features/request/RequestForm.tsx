import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Refusals } from '../../ui/Refusals';
import { instantAt, zoneName } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import styles from './request.module.css';

const AssignedServicesQuery = graphql(`
  query AssignedServices($organization: ID!) {
    node(id: $organization) {
      __typename
      id
      ... on Organization {
        services(first: 100) {
          nodes {
            id
            service {
              id
              name
              description
            }
          }
        }
      }
    }
  }
`);

const RequestJobMutation = graphql(`
  mutation RequestJob($input: RequestJobInput!) {
    requestJob(input: $input) {
      job {
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

const PRIORITIES = ['NORMAL', 'LOW', 'HIGH', 'CRITICAL'] as const;

interface RequestFormProps {
  organization: string;
  site: string;
  zone: string;
}

interface Service {
  id: string;
  name: string;
  description: string | null;
}

/** What is wanted and when, for a site whose organization has services to choose from. */
export function RequestForm(props: RequestFormProps) {
  const answer = useListAnswer(AssignedServicesQuery, { organization: props.organization });
  return (
    <Answer of={answer} empty="never">
      {({ node }) => {
        const nodes = node?.__typename === 'Organization' ? node.services.nodes : [];
        const services = nodes.flatMap(({ service }) => service ?? []);
        if (services.length === 0) return <Empty title="request.noServices.title" text="request.noServices.text" />;
        return <Fields {...props} services={services} />;
      }}
    </Answer>
  );
}

function Fields({ site, zone, services }: RequestFormProps & { services: readonly Service[] }) {
  const intl = useIntl();
  const navigate = useNavigate();
  const now = useMinute();
  const { running, run } = useCommand(RequestJobMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const [chosen, setChosen] = useState(services[0]?.id ?? '');
  const service = services.find(({ id }) => id === chosen);
  // The same request sent twice, as after a broken connection, is one.
  const [idempotencyKey] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const outcome = await run({
      input: {
        siteId: site,
        serviceId: chosen,
        title: text('title') || (service?.name ?? ''),
        description: text('description') || null,
        preferredAt: instantAt(text('preferredAt'), zone) ?? null,
        priority: PRIORITIES.find((one) => one === text('priority')) ?? 'NORMAL',
        idempotencyKey,
      },
    });
    const id = outcome.is === 'done' ? outcome.payload.job?.id : undefined;
    if (id) return navigate({ to: '/jobs/$id', params: { id } });
    return setRefusals(outcome.is === 'refused' ? outcome.refusals : []);
  }

  return (
    <form className={styles['fields']} onSubmit={(event) => void submit(event)}>
      <Refusals of={refusals} />
      <NativeSelect
        label={intl.formatMessage({ id: 'request.service' })}
        description={service?.description}
        size="md"
        value={chosen}
        onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        data={services.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <TextInput
        label={intl.formatMessage({ id: 'request.subject' })}
        name="title"
        placeholder={service?.name ?? ''}
        maxLength={200}
        size="md"
      />
      <Textarea
        label={intl.formatMessage({ id: 'request.details' })}
        description={intl.formatMessage({ id: 'request.details.hint' })}
        name="description"
        maxLength={4000}
        rows={5}
        size="md"
      />
      <div className={styles['pair']}>
        <TextInput
          label={intl.formatMessage({ id: 'request.when' })}
          description={intl.formatMessage({ id: 'request.when.hint' }, { zone: zoneName(now, zone, intl.locale) })}
          name="preferredAt"
          type="datetime-local"
          size="md"
        />
        <NativeSelect
          label={intl.formatMessage({ id: 'job.priority' })}
          description={intl.formatMessage({ id: 'request.priority.hint' })}
          name="priority"
          size="md"
          data={PRIORITIES.map((value) => ({ value, label: intl.formatMessage({ id: `job.priority.${value}` }) }))}
        />
      </div>
      <Button type="submit" size="md" loading={running}>
        <FormattedMessage id="request.submit" />
      </Button>
    </form>
  );
}
