import { Button, NativeSelect } from '@mantine/core';
import type { FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { graphql } from '../../../gql/graphql';
import { useAct } from '../../../gql/useAct';
import type { MessageId } from '../../../ui/language';
import { Refusals } from '../../../ui/Refusals';
import styles from './GiveForm.module.css';
import { grantWords } from '../GrantName';
import { chosenPlace, PlaceChoice } from './PlaceChoice';

const GrantAccessMutation = graphql(`
  mutation GrantAccess($user: ID!, $place: ID!, $name: String!) {
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

interface GiveFormProps {
  user: string;
  /** What can be given, and what one of it is called. */
  names: readonly string[];
  label: MessageId;
  onDone?: () => void;
  onCancel?: () => void;
}

/** Gives somebody one right at one place. */
export function GiveForm({ user, names, label, onDone, onCancel }: GiveFormProps) {
  const intl = useIntl();
  const { running, refusals, act } = useAct(GrantAccessMutation);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const outcome = await act({ user, place: chosenPlace(form), name: String(form.get('name')) });
    if (outcome.is === 'done') onDone?.();
  }

  return (
    <>
      <form className={styles['give']} onSubmit={(event) => void submit(event)}>
        <NativeSelect
          name="name"
          label={intl.formatMessage({ id: label })}
          data={names.map((name) => ({ value: name, label: grantWords(intl, name) }))}
        />
        <PlaceChoice />
        <div className={styles['buttons']}>
          <Button type="submit" variant={onCancel ? 'filled' : 'default'} loading={running}>
            <FormattedMessage id="rights.give" />
          </Button>
          {onCancel && (
            <Button variant="default" onClick={onCancel}>
              <FormattedMessage id="form.cancel" />
            </Button>
          )}
        </div>
      </form>
      <Refusals of={refusals} />
    </>
  );
}
