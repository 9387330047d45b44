import { FormattedMessage, useIntl } from 'react-intl';

import { AppearanceChoice } from '../../ui/AppearanceChoice';
import { LanguageChoice } from '../../ui/LanguageChoice';
import { timeInZone, zoneName } from '../../ui/time';
import { useMinute } from '../../ui/useMinute';
import styles from './account.module.css';

/** How somebody wants to see things on this device, and whose clock is shown. */
export function Profile() {
  const { locale } = useIntl();
  const now = useMinute();
  const here = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <div className={styles['body']}>
      <div className={styles['choices']}>
        <LanguageChoice labelled />
        <AppearanceChoice labelled />
      </div>
      <p>
        <FormattedMessage
          id="account.time"
          values={{ time: timeInZone(now, here, locale), zone: zoneName(now, here, locale) }}
        />
      </p>
    </div>
  );
}
