import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { useWho } from '../features/access/who';
import { AppearanceChoice } from '../ui/AppearanceChoice';
import { Icon } from '../ui/Icon';
import { LanguageChoice } from '../ui/LanguageChoice';
import styles from './Account.module.css';
import { leaveSession } from './session';

const SHEET = 'account';

/** Who is signed in, how they want to see things, and the way out. The browser's own popover keeps focus and Escape. */
export function Account() {
  const intl = useIntl();
  const who = useWho();
  const sheet = useRef<HTMLDivElement>(null);
  const label = intl.formatMessage({ id: 'account.open' });
  return (
    <>
      <button type="button" className={styles['open']} popoverTarget={SHEET}>
        <span className="visually-hidden">{label}</span>
        <span className={styles['face']}>
          <Icon name="person" />
        </span>
        <span className={styles['who']}>
          <span>{who?.name}</span>
          <span className={styles['kind']}>{who?.tenant?.name}</span>
        </span>
      </button>
      <div id={SHEET} ref={sheet} popover="auto" role="dialog" aria-label={label} className={styles['sheet']}>
        <p className={styles['person']}>
          <strong>{who?.name}</strong>
          <span>{who?.email}</span>
          <span>{who?.tenant?.name}</span>
        </p>
        <Link to="/account" onClick={() => sheet.current?.hidePopover()}>
          <FormattedMessage id="account.title" />
        </Link>
        <LanguageChoice />
        <AppearanceChoice />
        <Button variant="default" fullWidth onClick={() => void leaveSession()}>
          <FormattedMessage id="account.signOut" />
        </Button>
      </div>
    </>
  );
}
