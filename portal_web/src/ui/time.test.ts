import { describe, expect, it } from 'vitest';

import { ago, dateInZone, dayFraction, dayInZone, differsHere, instantAt, partOfDay, period, timeInZone, zoneName } from './time';

const winter = '2026-11-24T23:30:00.000000Z';
const summer = '2026-07-01T10:00:00.000000Z';

describe('an instant at a site', () => {
  it('has the day and time of the site, not of the reader', () => {
    expect(dayInZone(winter, 'Europe/Berlin', 'en')).toBe('Wed, 25 Nov 2026');
    expect(timeInZone(winter, 'Europe/Berlin', 'en')).toBe('00:30');
    expect(timeInZone(winter, 'America/New_York', 'en')).toBe('18:30');
    expect(timeInZone(winter, 'Asia/Kolkata', 'de')).toBe('05:00');
  });

  it('names the zone as it is called at that instant', () => {
    expect(zoneName(winter, 'Europe/Berlin', 'en')).toBe('CET');
    expect(zoneName(summer, 'Europe/Berlin', 'en')).toBe('CEST');
    expect(zoneName(summer, 'Europe/Berlin', 'de')).toBe('MESZ');
    expect(zoneName(winter, 'America/New_York', 'en')).toBe('EST');
    expect(zoneName(winter, 'America/New_York', 'de')).toBe('EST');
    expect(zoneName(winter, 'Europe/London', 'en')).toBe('GMT');
  });

  it('falls back to the offset where no abbreviation exists', () => {
    expect(zoneName(winter, 'Etc/GMT-4', 'en')).toBe('GMT+4');
  });

  it('differs from here only if the clocks do', () => {
    expect(differsHere(winter, 'Europe/Berlin', 'Europe/Paris')).toBe(false);
    expect(differsHere(winter, 'Europe/Berlin', 'America/New_York')).toBe(true);
  });
});

it('writes a period once where its ends agree', () => {
  const ends = ['2026-10-01', '2026-10-31'] as const;
  const written = (locale: string) => period(...ends, locale).replaceAll(/\s*–\s*/g, '–');
  expect(written('en')).toBe('1–31 Oct 2026');
  expect(written('de')).toBe('1.–31. Okt. 2026');
});

it('greets by the clock', () => {
  expect([3, 8, 12, 17, 18, 23].map(partOfDay)).toEqual(['evening', 'morning', 'day', 'day', 'evening', 'evening']);
});

it('knows the day and how much of it has passed at a place', () => {
  expect(dateInZone('2026-11-24T23:30:00Z', 'Europe/Berlin')).toBe('2026-11-25');
  expect(dayFraction('2026-11-24T23:30:00Z', 'Europe/Berlin')).toBeCloseTo(0.5 / 24);
  expect(dayFraction('2026-11-24T12:00:00Z', 'UTC')).toBe(0.5);
});

it('says how long ago in the largest fitting unit', () => {
  const now = '2026-11-24T12:00:00Z';
  expect(ago('2026-11-24T11:59:40Z', now, 'en')).toBe('now');
  expect(ago('2026-11-24T09:00:00Z', now, 'en')).toBe('3 hours ago');
  expect(ago('2026-11-23T09:00:00Z', now, 'en')).toBe('yesterday');
  expect(ago('2026-10-10T09:00:00Z', now, 'de')).toBe('letzten Monat');
});

it('finds the instant of a time on a wall, also beside a change of clocks', () => {
  expect(instantAt('2026-07-01T22:00', 'Europe/Berlin')).toBe('2026-07-01T20:00:00.000Z');
  expect(instantAt('2026-12-01T09:30', 'America/Chicago')).toBe('2026-12-01T15:30:00.000Z');
  expect(instantAt('2026-10-25T04:00', 'Europe/London')).toBe('2026-10-25T04:00:00.000Z');
  expect(instantAt('2026-03-29T03:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z');
  expect(instantAt('soon', 'UTC')).toBeUndefined();
});
