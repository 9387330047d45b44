import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Empty } from '../../ui/Empty';
import { Icon } from '../../ui/Icon';
import { useFieldRefusals } from '../../ui/refused';
import { Refusals } from '../../ui/Refusals';
import { Section } from '../../ui/Section';
import { Status } from '../../ui/Status';
import table from '../../ui/table.module.css';
import { TableRows } from '../../ui/TableRows';
import { Room } from '../access/Room';
import { grantWords } from '../access/GrantName';
import { useWho } from '../access/who';
import { SecretOnce } from './SecretOnce';

const PartnersQuery = graphql(`
  query Partners($after: String) {
    partnerApplications(first: 30, after: $after) {
      nodes {
        id
        name
        clientId
        partnerStatus: status
        environment
        grants(first: 30) {
          nodes {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

const CreatePartnerMutation = graphql(`
  mutation CreatePartner($name: String!, $key: String!) {
    createPartnerApplication(input: { name: $name, idempotencyKey: $key }) {
      partnerApplication {
        id
        clientId
      }
      secret
      userErrors {
        field
        code
        message
      }
    }
  }
`);

interface Made {
  id: string;
  clientId: string;
  secret: string | null;
}

/** The programs of partners that may ask the graph. */
export function PartnersRoom() {
  const intl = useIntl();
  const who = useWho();
  const title = intl.formatMessage({ id: 'partners.title' });
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Made>();
  return (
    <Room
      title={title}
      lead={<FormattedMessage id="partners.lead" />}
      actions={
        !adding &&
        !who?.viewedBy && (
          <Button leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            <FormattedMessage id="partners.add" />
          </Button>
        )
      }
    >
      {made && (
        <SecretOnce clientId={made.clientId} secret={made.secret}>
          <Link to="/access/partners/$id" params={{ id: made.id }}>
            <FormattedMessage id="partners.goOn" />
          </Link>
        </SecretOnce>
      )}
      {adding && (
        <Section title={<FormattedMessage id="partners.add" />}>
          <AddPartner
            onDone={(next) => {
              setAdding(false);
              setMade(next);
            }}
          />
        </Section>
      )}
      <section aria-label={title}>
        <Applications />
      </section>
    </Room>
  );
}

function AddPartner({ onDone }: { onDone: (made: Made | undefined) => void }) {
  const intl = useIntl();
  const { running, run } = useCommand(CreatePartnerMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const { at, others } = useFieldRefusals(refusals, ['name']);
  const [key, setKey] = useState(() => crypto.randomUUID());

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    const outcome = await run({ name, key });
    if (outcome.is === 'failed') return setRefusals([]);
    if (outcome.is === 'done') {
      const { partnerApplication: application, secret } = outcome.payload;
      return onDone(application ? { id: application.id, clientId: application.clientId, secret } : undefined);
    }
    setKey(crypto.randomUUID());
    return setRefusals(outcome.refusals);
  }

  return (
    <form className={table['form']} onSubmit={(event) => void submit(event)}>
      <Refusals of={others} />
      <TextInput
        name="name"
        required
        withAsterisk={false}
        maxLength={191}
        label={intl.formatMessage({ id: 'partners.name' })}
        description={intl.formatMessage({ id: 'partners.name.hint' })}
        error={at('name')}
      />
      <div className={table['buttons']}>
        <Button type="submit" loading={running}>
          <FormattedMessage id="partners.create" />
        </Button>
        <Button variant="default" onClick={() => onDone(undefined)}>
          <FormattedMessage id="form.cancel" />
        </Button>
      </div>
    </form>
  );
}

function Applications({ after }: { after?: string }) {
  const intl = useIntl();
  const answer = useListAnswer(PartnersQuery, { after: after ?? null });
  return (
    <Answer
      of={answer}
      empty={{
        when: ({ partnerApplications }) => !after && partnerApplications.nodes.length === 0,
        show: <Empty title="partners.none.title" text="partners.none.text" />,
      }}
    >
      {({ partnerApplications: { nodes, pageInfo } }) => (
        <TableRows pageInfo={pageInfo} next={(cursor) => <Applications after={cursor} />}>
          {nodes.map(({ id, name, clientId, partnerStatus, environment, grants }) => (
            <li key={id} className={table['row']} data-columns="3">
              <span className={table['who']}>
                <Link to="/access/partners/$id" params={{ id }}>
                  {name}
                </Link>
                <span>{clientId}</span>
              </span>
              <span className={table['cell']}>
                {[...new Set(grants.nodes.map((one) => grantWords(intl, one.name)))].join(', ') || (
                  <FormattedMessage id="partners.noScopes" />
                )}
              </span>
              <span className={table['cell']}>
                <Status tone={partnerStatus === 'ACTIVE' ? 'good' : 'warm'}>
                  <FormattedMessage id={`partners.status.${partnerStatus}`} />
                </Status>
                {environment === 'SANDBOX' && (
                  <span className={table['when']}>
                    <FormattedMessage id="partners.sandbox" />
                  </span>
                )}
              </span>
            </li>
          ))}
        </TableRows>
      )}
    </Answer>
  );
}
