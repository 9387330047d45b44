import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { AskForm } from '../../auth/AskForm';
import { useAsked } from '../../auth/useAsked';
import { LANGUAGES } from '../../messages/languages';
import { Answer } from '../../ui/Answer';
import styles from './account.module.css';

interface Introduced {
  name: string;
  /** As the graph spells it. */
  language: string;
}

/** How somebody is called here, and in which language their mail is written. */
export function Introduction({ onRenamed }: { onRenamed: (name: string) => void }) {
  const [answer] = useAsked<{ user: Introduced }>('/auth/session');
  return (
    <div className={styles['body']}>
      <Answer of={answer} empty="never">
        {({ user }) => <IntroductionForm user={user} onRenamed={onRenamed} />}
      </Answer>
    </div>
  );
}

function IntroductionForm({ user, onRenamed }: { user: Introduced; onRenamed: (name: string) => void }) {
  const intl = useIntl();
  const [saved, setSaved] = useState(false);
  return (
    <AskForm<Introduced>
      narrow
      path="/auth/profile"
      body={(text) => ({ name: text('name').trim(), language: text('language') })}
      submit="form.save"
      onRefused={() => setSaved(false)}
      onDone={({ name }) => {
        setSaved(true);
        onRenamed(name);
      }}
    >
      <div className={styles['choices']} onInput={() => setSaved(false)}>
        <TextInput
          label={intl.formatMessage({ id: 'contact.name' })}
          name="name"
          autoComplete="name"
          defaultValue={user.name}
          maxLength={191}
          required
          withAsterisk={false}
        />
        <NativeSelect
          label={intl.formatMessage({ id: 'account.letters' })}
          name="language"
          defaultValue={user.language}
          data={Object.entries(LANGUAGES).map(([tag, { name }]) => ({ value: tag.toUpperCase(), label: name }))}
        />
      </div>
      <p role="status" className={saved ? styles['done'] : undefined}>
        {saved && <FormattedMessage id="account.saved" />}
      </p>
    </AskForm>
  );
}
