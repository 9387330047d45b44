import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { refusalMessage, signIn, type SignInResult, type Tenant } from './signIn';
import styles from './SignInForm.module.css';

type Refused = Extract<SignInResult, { is: 'refused' }>;

/** E-mail, password, and the company if the server cannot tell it from these. */
export function SignInForm({ onSignedIn }: { onSignedIn: () => void }) {
  const intl = useIntl();
  const password = useRef<HTMLInputElement>(null);
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<Refused>();
  const [tenants, setTenants] = useState<readonly Tenant[]>([]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    setSending(true);
    const result = await signIn({
      email: text('email').trim(),
      password: text('password'),
      ...(text('tenant') && { tenant: text('tenant') }),
    });
    setSending(false);
    if (result.is === 'in') return onSignedIn();
    setRefused(result);
    if (result.tenants.length > 0) setTenants(result.tenants);
    if (result.code === 'INVALID_CREDENTIALS') password.current?.select();
    return undefined;
  }

  const message = refused && refusalMessage(refused.code, refused.retryAfter);
  return (
    <form className={styles['form']} onSubmit={(event) => void submit(event)}>
      <div role="alert" className={styles['alert']}>
        {message && <p data-code={refused.code}>{intl.formatMessage({ id: message.id }, message.values)}</p>}
      </div>
      <TextInput
        label={intl.formatMessage({ id: 'signIn.email' })}
        name="email"
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        size="md"
      />
      <PasswordInput
        ref={password}
        label={intl.formatMessage({ id: 'signIn.password' })}
        name="password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        size="md"
        visibilityToggleButtonProps={{
          'aria-label': intl.formatMessage({ id: 'signIn.password.toggle' }),
          tabIndex: 0,
        }}
      />
      {tenants.length > 0 && (
        <NativeSelect
          label={intl.formatMessage({ id: 'signIn.tenant' })}
          description={intl.formatMessage({ id: 'signIn.tenant.hint' })}
          name="tenant"
          size="md"
          data={tenants.map(({ slug, name }) => ({ value: slug, label: name ?? slug }))}
        />
      )}
      <Button type="submit" size="md" fullWidth loading={sending}>
        <FormattedMessage id="signIn.submit" />
      </Button>
    </form>
  );
}
