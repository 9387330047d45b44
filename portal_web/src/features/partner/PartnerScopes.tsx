import { Button, NativeSelect } from '@mantine/core';
import { readFragment, type FragmentOf } from 'gql.tada';
import { useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../gql/graphql';
import { useListAnswer } from '../../gql/useAnswer';
import { useCommand, type Outcome, type Refusal } from '../../gql/useCommand';
import { Answer } from '../../ui/Answer';
import { Refusals } from '../../ui/Refusals';
import { GrantChip, GrantChips } from '../access/GrantChip';
import { SCOPES } from '../access/grants';
import { grantWords } from '../access/GrantName';
import { useWho } from '../access/who';
import styles from './partner.module.css';

export const PartnerScopesFragment = graphql(`
  fragment PartnerScopes_application on PartnerApplication {
    id
    scopesName: name
    user {
      id
    }
    scopes: grants(first: 100) {
      nodes {
        id
        version
        name
        organization {
          id
          shortName
        }
        site {
          id
          scopeSite: name
        }
      }
    }
  }
`);

const ScopePlacesQuery = graphql(`
  query ScopePlaces {
    organizations(first: 100) {
      nodes {
        id
        shortName
      }
    }
  }
`);

const GiveScopeMutation = graphql(`
  mutation GiveScope($user: ID!, $place: ID!, $name: String!) {
    grantAccess(input: { userId: $user, placeId: $place, name: $name }) {
      grant {
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

const TakeScopeMutation = graphql(`
  mutation TakeScope($id: ID!, $version: Int) {
    revokeAccess(input: { id: $id, expectedVersion: $version }) {
      grant {
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

interface PartnerScopesProps {
  application: FragmentOf<typeof PartnerScopesFragment>;
  mayChange: boolean;
}

/** What the application may read, organization by organization. */
export function PartnerScopes({ application, mayChange }: PartnerScopesProps) {
  const who = useWho();
  const { scopesName, user, scopes } = readFragment(PartnerScopesFragment, application);
  const give = useCommand(GiveScopeMutation);
  const take = useCommand(TakeScopeMutation);
  const [refusals, setRefusals] = useState<readonly Refusal[]>();
  const places = new Map<string, typeof scopes.nodes>();
  for (const scope of scopes.nodes) {
    const place = scope.site?.scopeSite ?? scope.organization?.shortName ?? who?.tenant?.name ?? '';
    places.set(place, [...(places.get(place) ?? []), scope]);
  }

  async function did(outcome: Promise<Outcome<unknown>>) {
    const became = await outcome;
    setRefusals(became.is === 'done' ? undefined : became.is === 'refused' ? became.refusals : []);
  }

  return (
    <div className={styles['body']}>
      {places.size === 0 && (
        <p>
          <FormattedMessage id="partners.noScopes.text" />
        </p>
      )}
      <dl className={styles['group']}>
        {[...places].map(([place, held]) => (
          <div key={place}>
            <dt>{place}</dt>
            <dd>
              <GrantChips>
                {held.map(({ id, version, name }) => (
                  <GrantChip
                    key={id}
                    name={name}
                    of={scopesName}
                    onTake={mayChange ? () => void did(take.run({ id, version })) : undefined}
                  />
                ))}
              </GrantChips>
            </dd>
          </div>
        ))}
      </dl>
      <Refusals of={refusals} />
      {mayChange && user && (
        <Give running={give.running} onGive={(name, place) => void did(give.run({ user: user.id, place, name }))} />
      )}
    </div>
  );
}

function Give({ running, onGive }: { running: boolean; onGive: (name: string, place: string) => void }) {
  const intl = useIntl();
  const who = useWho();
  const answer = useListAnswer(ScopePlacesQuery, {});

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    onGive(String(form.get('scope')), String(form.get('place')));
  }

  return (
    <Answer of={answer} empty="never">
      {({ organizations }) => (
        <form className={styles['give']} onSubmit={submit}>
          <NativeSelect
            name="place"
            label={intl.formatMessage({ id: 'partners.scope.at' })}
            data={[
              ...organizations.nodes.map(({ id, shortName }) => ({ value: id, label: shortName })),
              ...(who?.tenant ? [{ value: who.tenant.id, label: intl.formatMessage({ id: 'rights.everywhere' }) }] : []),
            ]}
          />
          <NativeSelect
            name="scope"
            label={intl.formatMessage({ id: 'partners.scope' })}
            data={SCOPES.map((scope) => ({ value: scope, label: grantWords(intl, scope) }))}
          />
          <Button type="submit" variant="default" loading={running}>
            <FormattedMessage id="partners.scope.give" />
          </Button>
        </form>
      )}
    </Answer>
  );
}
