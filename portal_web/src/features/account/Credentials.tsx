import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import type { MessageId } from '../../ui/language';
import { NewPassword, Password } from '../../ui/NewPassword';
import { useWho } from '../access/who';
import styles from './account.module.css';

/** A form that is opened by its button, and leaves a word behind when it is done. */
function Opened({ open, children }: { open: MessageId; children: (done: (text: ReactNode) => void) => ReactNode }) {
  const [shown, setShown] = useState(false);
  const [told, setTold] = useState<ReactNode>();
  const said = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (told) said.current?.focus();
  }, [told]);
  if (shown) {
    return children((text) => {
      setShown(false);
      setTold(text);
    });
  }
  return (
    <>
      {told && (
        <p className={styles['done']} role="status" tabIndex={-1} ref={said}>
          {told}
        </p>
      )}
      <div>
        <Button variant="default" onClick={() => setShown(true)}>
          <FormattedMessage id={open} />
        </Button>
      </div>
    </>
  );
}

/** The address one signs in with. The new one counts once it has been confirmed from there. */
export function EmailChange() {
  const intl = useIntl();
  const who = useWho();
  return (
    <div className={styles['body']}>
      <p>
        <FormattedMessage id="account.email.now" values={{ email: <strong>{who?.email}</strong> }} />
      </p>
      <Opened open="account.email.change">
        {(done) => (
          <AskForm
            narrow
            path="/auth/email/request"
            body={(text) => ({ email: text('email').trim(), password: text('password') })}
            submit="account.email.send"
            onDone={(_, text) => done(<FormattedMessage id="account.email.sent" values={{ email: text('email') }} />)}
          >
            <TextInput
              label={intl.formatMessage({ id: 'account.email.new' })}
              name="email"
              type="email"
              autoComplete="email"
              required
              withAsterisk={false}
              size="md"
            />
            <Password name="password" label="password.current" autoComplete="current-password" />
          </AskForm>
        )}
      </Opened>
    </div>
  );
}

/** Another password; every other session ends with the old one. */
export function PasswordChange() {
  return (
    <div className={styles['body']}>
      <Opened open="account.password.change">
        {(done) => (
          <AskForm
            narrow
            path="/auth/password"
            body={(text) => ({ current: text('current'), password: text('password') })}
            submit="reset.submit"
            onDone={() => done(<FormattedMessage id="account.password.done" />)}
          >
            <Password name="current" label="password.current" autoComplete="current-password" />
            <NewPassword />
          </AskForm>
        )}
      </Opened>
    </div>
  );
}
