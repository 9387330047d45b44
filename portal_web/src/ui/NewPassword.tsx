import { PasswordInput } from '@mantine/core';
import { useId, useState, type Ref } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import type { MessageId } from './language';
import styles from './NewPassword.module.css';
import { SHORTEST, strengthOf } from './strength';

interface PasswordProps {
  name: string;
  label: MessageId;
  autoComplete: 'current-password' | 'new-password';
  ref?: Ref<HTMLInputElement>;
  describedBy?: string;
  minLength?: number;
  onType?: (password: string) => void;
}

/** A password that can be shown while it is typed. */
export function Password({ label, describedBy, onType, ...input }: PasswordProps) {
  const intl = useIntl();
  return (
    <PasswordInput
      {...input}
      label={intl.formatMessage({ id: label })}
      aria-describedby={describedBy}
      maxLength={256}
      required
      withAsterisk={false}
      size="md"
      onChange={({ currentTarget }) => onType?.(currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': intl.formatMessage({ id: 'signIn.password.toggle' }), tabIndex: 0 }}
    />
  );
}

/** A password that is being chosen: a word and a bar say how hard it is to guess. */
export function NewPassword({ label = 'password.new' }: { label?: MessageId }) {
  const hint = useId();
  const [typed, setTyped] = useState('');
  const strength = strengthOf(typed);
  return (
    <div>
      <Password
        name="password"
        label={label}
        autoComplete="new-password"
        minLength={SHORTEST}
        describedBy={hint}
        onType={setTyped}
      />
      <div className={styles['bar']} data-strength={typed ? strength : 'none'} aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
      <p id={hint} className={styles['hint']} aria-live="polite">
        <FormattedMessage id={typed ? `password.${strength}` : 'password.hint'} values={{ shortest: SHORTEST }} />
      </p>
    </div>
  );
}
