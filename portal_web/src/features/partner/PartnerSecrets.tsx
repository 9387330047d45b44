import { Button } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useCommand, type Refusal } from '../../gql/useCommand';
import { Refusals } from '../../ui/Refusals';
import table from '../../ui/table.module.css';
import { ago } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import styles from './partner.module.css';
import { SecretOnce } from './SecretOnce';

export const PartnerSecretsFragment = graphql(`
  fragment PartnerSecrets_application on PartnerApplication {
    id
    clientId
    secrets(first: 10) {
      nodes {
        id
        version
        label
        createdAt
        expiresAt
        lastUsedAt
      }
    }
  }
`);

const RotateSecretMutation = graphql(`
  mutation RotateSecret($id: ID!, $key: String!) {
    rotatePartnerSecret(input: { id: $id, idempotencyKey: $key }) {
      partnerSecret {
        id
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

const EndSecretMutation = graphql(`
  mutation EndSecret($id: ID!, $version: Int) {
    endPartnerSecret(input: { id: $id, expectedVersion: $version }) {
      partnerSecret {
        id
        archivedAt
      }
      userErrors {
        field
        code
        message
      }
    }
  }
`);

interface PartnerSecretsProps {
  application: FragmentOf<typeof PartnerSecretsFragment>;
  mayChange: boolean;
}

const MOST = 2;

/** The living secrets: one in use, and one to change over to. */
export function PartnerSecrets({ application, mayChange }: PartnerSecretsProps) {
  const { locale, formatMessage } = useIntl();
  const now = useMinute();
  const { id, clientId, secrets } = readFragment(PartnerSecretsFragment, application);
  const rotate = useCommand(RotateSecretMutation);
  const end = useCommand(EndSecretMutation);
  const [made, setMade] = useState<{ secret: string | null }>();
  const [refusals, setRefusals] = useState<readonly Refusal[]>();

  async function add() {
    const outcome = await rotate.run({ id, key: crypto.randomUUID() });
    setMade(outcome.is === 'done' ? { secret: outcome.payload.secret } : undefined);
    setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
  }

  async function stop(secret: { id: string; version: number }) {
    const outcome = await end.run(secret);
    setRefusals(outcome.is === 'done' ? undefined : outcome.is === 'refused' ? outcome.refusals : []);
  }

  return (
    <div className={styles['body']}>
      {made && <SecretOnce clientId={clientId} secret={made.secret} />}
      <Refusals of={refusals} />
      <ul className={table['rows']}>
        {secrets.nodes.map((secret) => (
          <li key={secret.id} className={table['row']} data-columns="3" data-testid="secret-row">
            <span className={table['who']}>
              {secret.label && <strong>{secret.label}</strong>}
              <span>
                <FormattedMessage id="partners.secret.made" values={{ ago: ago(secret.createdAt, now, locale) }} />
              </span>
            </span>
            <span className={table['cell']}>
              {secret.lastUsedAt ? (
                <FormattedMessage id="partners.secret.used" values={{ ago: ago(secret.lastUsedAt, now, locale) }} />
              ) : (
                <FormattedMessage id="partners.secret.unused" />
              )}
            </span>
            <span className={table['acts']}>
              {mayChange && (
                <Button
                  variant="default"
                  size="xs"
                  loading={end.running}
                  aria-label={formatMessage({ id: 'partners.secret.end.of' }, { ago: ago(secret.createdAt, now, locale) })}
                  onClick={() => void stop({ id: secret.id, version: secret.version })}
                >
                  <FormattedMessage id="partners.secret.end" />
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {mayChange && secrets.nodes.length < MOST && (
        <div>
          <Button variant="default" loading={rotate.running} onClick={() => void add()}>
            <FormattedMessage id="partners.rotate" />
          </Button>
        </div>
      )}
    </div>
  );
}
