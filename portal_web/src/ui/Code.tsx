import { TextInput } from '@mantine/core';
import { useIntl } from 'react-intl';

import styles from './Code.module.css';
import type { MessageId } from './language';

/** Six digits of an app; phones offer their number keys, and what a password manager knows. */
export function Code({ label }: { label: MessageId }) {
  const intl = useIntl();
  return (
    <TextInput
      classNames={{ input: styles['code'] ?? '' }}
      label={intl.formatMessage({ id: label })}
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9 ]{6,8}"
      maxLength={8}
      required
      withAsterisk={false}
      size="md"
    />
  );
}
