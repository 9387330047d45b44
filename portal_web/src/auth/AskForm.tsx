import { Button } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { FormattedMessage } from 'react-intl';

import type { MessageId } from '../ui/language';
import { ask, type Refused } from './ask';
import styles from './AskForm.module.css';
import { RefusalText } from './RefusalText';

interface AskFormProps<Body> {
  /** Where the form is sent. */
  path: string;
  /** What is sent, from what was typed. */
  body: (text: (name: string) => string) => object;
  submit: MessageId;
  /** Told the answer, and what had been typed. */
  onDone: (body: Body, text: (name: string) => string) => void;
  onRefused?: (refused: Refused) => void;
  /** In a page that holds more than this form the button is only as wide as its word. */
  narrow?: true;
  children: ReactNode;
}

/** A form that is sent to /auth: it is busy while it is, and says in words why it was refused. */
export function AskForm<Body>({ path, body, submit, onDone, onRefused, narrow, children }: AskFormProps<Body>) {
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState<Refused>();

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    const text = (name: string) => String(form.get(name) ?? '');
    const reply = await ask<Body>(path, body(text));
    setSending(false);
    setRefused(reply.is === 'refused' ? reply : undefined);
    if (reply.is === 'refused') onRefused?.(reply);
    else onDone(reply.body, text);
  }

  return (
    <form className={styles['form']} onSubmit={(event) => void send(event)} data-narrow={narrow}>
      <RefusalText of={refused} />
      {children}
      <Button type="submit" size={narrow ? 'sm' : 'md'} fullWidth={!narrow} loading={sending}>
        <FormattedMessage id={submit} />
      </Button>
    </form>
  );
}
