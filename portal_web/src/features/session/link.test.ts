import { expect, it } from 'vitest';

import { doorError, linkAt } from './link';

it('knows the pages that letters lead to', () => {
  expect(linkAt('/invitation', '#abc')).toEqual({ to: 'invitation', token: 'abc' });
  expect(linkAt('/reset/', '#abc')).toEqual({ to: 'reset', token: 'abc' });
  expect(linkAt('/confirm-email', '')).toEqual({ to: 'confirm', token: '' });
  expect(linkAt('/reports', '#abc')).toBeUndefined();
});

it('reads why single sign-on failed, and nothing else', () => {
  expect(doorError('/sign-in', '#error=SSO_REFUSED')).toBe('SSO_REFUSED');
  expect(doorError('/sign-in', '#error=<b>')).toBeUndefined();
  expect(doorError('/reports', '#error=SSO_REFUSED')).toBeUndefined();
});
