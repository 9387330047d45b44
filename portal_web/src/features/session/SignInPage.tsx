import { FormattedMessage, useIntl } from 'react-intl';

import { LanguageChoice } from '../../ui/LanguageChoice';
import { Mark } from '../../ui/Mark';
import { PageHeading } from '../../ui/PageHeading';
import { Elevation } from './Elevation';
import { SignInForm } from './SignInForm';
import styles from './SignInPage.module.css';

/** The door. */
export function SignInPage({ onSignedIn }: { onSignedIn: () => void }) {
  const intl = useIntl();
  return (
    <div className={styles['page']}>
      <main className={styles['door']}>
        <div className={styles['brand']}>
          <Mark />
          <FormattedMessage id="app.name" />
        </div>
        <div className={styles['form']}>
          <PageHeading title={intl.formatMessage({ id: 'signIn.title' })}>
            <FormattedMessage id="signIn.title" />
          </PageHeading>
          <p className={styles['lead']}>
            <FormattedMessage id="signIn.lead" />
          </p>
          <SignInForm onSignedIn={onSignedIn} />
        </div>
        <div className={styles['language']}>
          <LanguageChoice />
        </div>
      </main>
      <div className={styles['picture']} aria-hidden="true">
        <Elevation />
      </div>
    </div>
  );
}
