import { FormattedMessage, useIntl } from 'react-intl';

import { useWho } from '../../features/access/who';
import { EmailChange, PasswordChange } from '../../features/account/Credentials';
import { Devices } from '../../features/account/Devices';
import { Introduction } from '../../features/account/Introduction';
import { Profile } from '../../features/account/Profile';
import { Factors } from '../../features/factor/Factors';
import { PageHeading } from '../../ui/PageHeading';
import page from '../../ui/page.module.css';
import { Section } from '../../ui/Section';
import { rename } from '../session';

/** One's own account: how things are shown, how one signs in, and where one is signed in. */
export function AccountPage() {
  const intl = useIntl();
  const who = useWho();
  return (
    <div className={page['page']}>
      <PageHeading title={intl.formatMessage({ id: 'account.title' })} over={who?.tenant?.name}>
        {who?.name}
      </PageHeading>
      <div className={page['halves']}>
        {!who?.viewedBy && (
          <Section title={<FormattedMessage id="account.you" />}>
            <Introduction onRenamed={rename} />
          </Section>
        )}
        <Section title={<FormattedMessage id="account.settings" />}>
          <Profile />
        </Section>
        {!who?.viewedBy && <Own />}
      </div>
    </div>
  );
}

/** Nothing of it is shown to somebody who only views as this person. */
function Own() {
  return (
    <>
      <Section title={<FormattedMessage id="account.email.title" />}>
        <EmailChange />
      </Section>
      <Section title={<FormattedMessage id="account.factor" />}>
        <Factors />
      </Section>
      <Section title={<FormattedMessage id="signIn.password" />}>
        <PasswordChange />
      </Section>
      <Section title={<FormattedMessage id="devices.title" />}>
        <Devices />
      </Section>
    </>
  );
}
