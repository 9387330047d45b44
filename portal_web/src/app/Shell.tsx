import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { FormattedMessage, useIntl } from 'react-intl';

import { Bell } from '../features/notice/Unread';
import { HEADING } from '../ui/PageHeading';
import { Icon, type IconName } from '../ui/Icon';
import type { MessageId } from '../ui/language';
import { Mark } from '../ui/Mark';
import { AccessLink } from './AccessLink';
import { Account } from './Account';
import { LiveBanner } from './LiveBanner';
import { LiveDot } from './LiveDot';
import styles from './Shell.module.css';
import { ViewAsBanner } from './ViewAsBanner';

const ROOMS: readonly { to: '/' | '/sites' | '/jobs' | '/reports' | '/people'; icon: IconName; name: MessageId }[] = [
  { to: '/', icon: 'home', name: 'nav.home' },
  { to: '/sites', icon: 'site', name: 'nav.sites' },
  { to: '/jobs', icon: 'job', name: 'nav.jobs' },
  { to: '/reports', icon: 'report', name: 'nav.reports' },
  { to: '/people', icon: 'people', name: 'nav.people' },
];

/** What stands around every page: the way to the others, who is there, and whether it is live. */
export function Shell() {
  useHeadingAfterNavigation();
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#main">
        <FormattedMessage id="app.skip" />
      </a>
      <header className={styles['bar']}>
        <Link to="/" className={styles['brand']}>
          <Mark />
          <FormattedMessage id="app.name" />
        </Link>
        <Rooms />
        <div className={styles['end']}>
          <Bell />
          <LiveDot />
          <Account />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles['main']}>
        <ViewAsBanner />
        <LiveBanner />
        <Outlet />
      </main>
    </div>
  );
}

function Rooms() {
  const intl = useIntl();
  return (
    <nav aria-label={intl.formatMessage({ id: 'nav.label' })} className={styles['rooms']}>
      {ROOMS.map(({ to, icon, name }) => (
        <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
          <Icon name={icon} />
          <FormattedMessage id={name} />
        </Link>
      ))}
      <AccessLink />
    </nav>
  );
}

/** A new page is announced by its heading: the focus goes there, as it would on a page that was loaded. */
function useHeadingAfterNavigation() {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (path === undefined) return undefined;
    if (first.current) {
      first.current = false;
      return undefined;
    }
    return focusHeading();
  }, [path]);
}

/** Focuses the heading, or waits for it on the page itself, as long as nobody has gone on from there. */
function focusHeading(): (() => void) | undefined {
  const heading = () => document.getElementById(HEADING);
  const main = document.getElementById('main');
  (heading() ?? main)?.focus({ preventScroll: true });
  if (heading() || !main) return undefined;
  const observer = new MutationObserver(() => {
    if (!heading()) return;
    observer.disconnect();
    if (document.activeElement === main) heading()?.focus({ preventScroll: true });
  });
  observer.observe(main, { childList: true, subtree: true });
  return () => observer.disconnect();
}
