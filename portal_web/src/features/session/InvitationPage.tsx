import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { useAsked } from '../../auth/useAsked';
import { NewPassword } from '../../ui/NewPassword';
import { Door } from './Door';
import { DeadLink, LinkPage } from './LinkPage';

interface Invitation {
  email: string;
  name: string;
  organization: { name: string };
  tenant: { slug: string; name: string };
}

interface InvitationPageProps {
  token: string;
  onSignedIn: () => void;
  onLeave: () => void;
}

/** Accepts an invitation: who invites whom, and a password to be chosen. */
export function InvitationPage({ token, onSignedIn, onLeave }: InvitationPageProps) {
  const [look] = useAsked<Invitation>('/auth/invitation/look', { token });
  return (
    <LinkPage of={look} onLeave={onLeave}>
      {(invitation) => <Acceptance {...{ invitation, token, onSignedIn, onLeave }} />}
    </LinkPage>
  );
}

function Acceptance({ invitation, token, onSignedIn, onLeave }: InvitationPageProps & { invitation: Invitation }) {
  const intl = useIntl();
  const [dead, setDead] = useState(false);
  if (dead) return <DeadLink onLeave={onLeave} />;
  const { email, name, organization, tenant } = invitation;
  return (
    <Door
      focused
      title={intl.formatMessage({ id: 'invitation.title' }, { name: name.split(' ')[0] })}
      lead={
        <FormattedMessage id="invitation.text" values={{ tenant: tenant.name, organization: organization.name }} />
      }
    >
      <AskForm
        path="/auth/invitation/accept"
        body={(text) => ({ token, password: text('password'), name: text('name').trim() })}
        submit="invitation.submit"
        onDone={onSignedIn}
        onRefused={({ code }) => setDead(code === 'LINK_DEAD')}
      >
        <TextInput
          label={intl.formatMessage({ id: 'signIn.email' })}
          name="email"
          type="email"
          autoComplete="username"
          value={email}
          readOnly
          size="md"
        />
        <TextInput
          label={intl.formatMessage({ id: 'contact.name' })}
          name="name"
          autoComplete="name"
          defaultValue={name}
          maxLength={120}
          required
          withAsterisk={false}
          size="md"
        />
        <NewPassword label="signIn.password" />
      </AskForm>
    </Door>
  );
}
