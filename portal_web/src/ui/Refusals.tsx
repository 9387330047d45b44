import { useIntl } from 'react-intl';

import type { MessageId } from './language';
import styles from './Refusals.module.css';

interface RefusalsProps {
  /** Undefined where nothing was refused; empty where it failed on the way. */
  of: readonly { code: string; message: string }[] | undefined;
}

const isWord = (id: string, messages: object): id is MessageId => Object.hasOwn(messages, id);

/** Why a command was refused. What there are no words for in this language is said as the service said it. */
export function Refusals({ of }: RefusalsProps) {
  const intl = useIntl();
  const said = (code: string, message: string) => {
    const id = `refusal.${code}`;
    return isWord(id, intl.messages) ? intl.formatMessage({ id }) : message;
  };
  return (
    <div role="alert" className={styles['refusals']}>
      {of?.length === 0 && <p>{intl.formatMessage({ id: 'refused.other' })}</p>}
      {of?.map(({ code, message }) => (
        <p key={code + message} data-code={code}>
          {said(code, message)}
        </p>
      ))}
    </div>
  );
}
