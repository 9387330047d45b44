import { NativeSelect, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { useIntl } from 'react-intl';

import type { Refused, Tenant } from '../../auth/ask';
import { AskForm } from '../../auth/AskForm';
import { remember } from '../../ui/memory';
import { Password } from '../../ui/NewPassword';

interface SignInFormProps {
  onSignedIn: () => void;
  /** An address was typed in; there may be other ways in for it. */
  onEmail: (email: string) => void;
}

/** E-mail, password, and the company if the server cannot tell it from these. */
export function SignInForm({ onSignedIn, onEmail }: SignInFormProps) {
  const intl = useIntl();
  const password = useRef<HTMLInputElement>(null);
  const [tenants, setTenants] = useState<readonly Tenant[]>([]);

  function refused({ code, tenants: named }: Refused) {
    if (named.length > 0) setTenants(named);
    if (code === 'INVALID_CREDENTIALS') password.current?.select();
  }

  return (
    <AskForm<{ tenant: Tenant }>
      path="/auth/sign-in"
      body={(text) => ({
        email: text('email').trim(),
        password: text('password'),
        ...(text('tenant') && { tenant: text('tenant') }),
      })}
      submit="signIn.submit"
      onDone={({ tenant }) => {
        remember('tenant', tenant.slug);
        onSignedIn();
      }}
      onRefused={refused}
    >
      <TextInput
        label={intl.formatMessage({ id: 'signIn.email' })}
        name="email"
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        size="md"
        onBlur={({ currentTarget }) => onEmail(currentTarget.value.trim())}
      />
      <Password ref={password} name="password" label="signIn.password" autoComplete="current-password" />
      {tenants.length > 0 && (
        <NativeSelect
          label={intl.formatMessage({ id: 'signIn.tenant' })}
          description={intl.formatMessage({ id: 'signIn.tenant.hint' })}
          name="tenant"
          size="md"
          data={tenants.map(({ slug, name }) => ({ value: slug, label: name ?? slug }))}
        />
      )}
    </AskForm>
  );
}
