import { HEADING } from '../../ui/PageHeading';

const WATCH_FOR = 3000;

/** If the focused element leaves the page within the next moments, moves the focus to the page's heading. */
export function keepFocus(): void {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return;
  const observer = new MutationObserver(() => {
    if (focused.isConnected) return;
    observer.disconnect();
    if (document.activeElement === document.body) document.getElementById(HEADING)?.focus();
  });
  observer.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), WATCH_FOR);
}
