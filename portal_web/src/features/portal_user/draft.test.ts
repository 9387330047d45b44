import { expect, it } from 'vitest';

import { countChanges, held, isNothing, isTicked, NOTHING, othersAt, roleAt, through, toggled, wanted, withRole } from './draft';

const had = new Set(['site portal_viewer', 'site reports', 'site jobs.view']);

it('ticks every kind where all reports are given', () => {
  expect(isTicked(had, 'incident_reports', 'site')).toBe(true);
  expect(isTicked(had, 'incident_reports', 'elsewhere')).toBe(false);
});

it('takes one kind out of all reports and leaves the others', () => {
  const draft = toggled(had, NOTHING, 'incident_reports', 'site');
  expect([...draft.taken]).toEqual(['site reports']);
  expect([...draft.given].toSorted()).toEqual([
    'site activity_reports',
    'site inspection_reports',
    'site performance_reports',
  ]);
  expect(isNothing(toggled(had, draft, 'incident_reports', 'site'))).toBe(true);
});

it('gives and takes back without a trace', () => {
  const draft = toggled(had, NOTHING, 'contracts', 'site');
  expect(draft).toEqual({ given: new Set(['site contracts']), taken: new Set() });
  expect(isNothing(toggled(had, draft, 'contracts', 'site'))).toBe(true);
});

it('has one role at a place', () => {
  const draft = withRole(had, NOTHING, 'portal_manager', 'site');
  expect(roleAt(wanted(had, draft), 'site')).toBe('portal_manager');
  expect([...draft.taken]).toEqual(['site portal_viewer']);
  expect(isNothing(withRole(had, draft, 'portal_viewer', 'site'))).toBe(true);
  expect(roleAt(wanted(had, withRole(had, draft, '', 'site')), 'site')).toBe('');
});

it('keeps what others have changed meanwhile', () => {
  const draft = toggled(had, NOTHING, 'contracts', 'site');
  expect([...wanted(new Set(['site rates']), draft)].toSorted()).toEqual(['site contracts', 'site rates']);
});

it('knows what no column stands for', () => {
  expect(othersAt(had, 'site')).toEqual(['jobs.view']);
});

it('says through what else a column is held', () => {
  const conferring = ['jobs', 'portal_viewer', 'requests'];
  const at = (place: string, around: string[]) => through(had, conferring, { name: 'jobs', place, around });
  expect(at('site', [])).toEqual({ name: 'portal_viewer', wider: false });
  expect(at('inner', ['site'])).toEqual({ name: 'portal_viewer', wider: true });
  expect(at('elsewhere', [])).toBeUndefined();
  const own = new Set([held('jobs', 'site')]);
  expect(through(own, conferring, { name: 'jobs', place: 'site', around: [] })).toBeUndefined();
});

it('counts what the eye sees changed', () => {
  const one = toggled(had, NOTHING, 'incident_reports', 'site');
  expect(countChanges(had, one)).toBe(1);
  expect(countChanges(had, withRole(had, one, 'portal_manager', 'site'))).toBe(2);
  expect(countChanges(had, NOTHING)).toBe(0);
});
