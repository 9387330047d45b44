/** Everything about instants and dates as people read them. An instant is always shown in a named zone. */

const OTHER_LOCALES = ['en-GB', 'en-US', 'en-CA', 'en-AU', 'en-IN', 'en-ZA', 'en-NZ'];

/** The zone's abbreviation at that instant, such as CET; where no language has one, the offset, such as GMT+4. */
export function zoneName(instant: string, zone: string, locale: string): string {
  const names = [locale, ...OTHER_LOCALES].map((one) => zonePart(instant, zone, one));
  return names.find((name) => !/^(GMT|UTC)[+\-−]/.test(name)) ?? names[0] ?? zone;
}

function zonePart(instant: string, zone: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' });
  return format.formatToParts(new Date(instant)).find((part) => part.type === 'timeZoneName')?.value ?? zone;
}

/** The day at that place, such as "Tue 24 Nov 2026". */
export function dayInZone(instant: string, zone: string, locale: string): string {
  const day = { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } as const;
  return new Intl.DateTimeFormat(regional(locale), day).format(new Date(instant));
}

/** The time of day at that place, such as "09:30". */
export function timeInZone(instant: string, zone: string, locale: string): string {
  const time = { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat(regional(locale), time).format(new Date(instant));
}

/** Whether the viewer's own clock shows something else at that instant. */
export function differsHere(instant: string, zone: string, here: string): boolean {
  const at = (timeZone: string) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(instant));
  return at(zone) !== at(here);
}

/** A period of whole days, such as "1 – 31 Oct 2026"; both ends belong to it. */
export function period(start: string, end: string, locale: string): string {
  return daysFormat(locale).formatRange(new Date(`${start}T00:00:00Z`), new Date(`${end}T00:00:00Z`));
}

/** A calendar date, such as "31 Oct 2026". */
export function wholeDay(date: string, locale: string): string {
  return daysFormat(locale).format(new Date(`${date}T00:00:00Z`));
}

function daysFormat(locale: string): Intl.DateTimeFormat {
  const day = { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' } as const;
  return new Intl.DateTimeFormat(regional(locale), day);
}

/** A day as it is said, such as "Tuesday 24 November", on the viewer's own calendar. */
export function spokenDay(day: Date, locale: string): string {
  return new Intl.DateTimeFormat(regional(locale), { weekday: 'long', day: 'numeric', month: 'long' }).format(day);
}

/** Morning, day or evening on the viewer's own clock. */
export function partOfDay(hour: number): 'morning' | 'day' | 'evening' {
  if (hour < 5 || hour >= 18) return 'evening';
  return hour < 12 ? 'morning' : 'day';
}

/** English dates are written as most of its readers here write them: day before month, 24 hours. */
function regional(locale: string): string {
  return locale === 'en' ? 'en-GB' : locale;
}

/** The calendar day of an instant at a place, as 2026-11-24. */
export function dateInZone(instant: string, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(new Date(instant));
}

/** How much of the day has passed at that place: 0 at midnight, 0.5 at noon. */
export function dayFraction(instant: string, zone: string): number {
  const [hours = 0, minutes = 0] = timeInZone(instant, zone, 'en').split(':').map(Number);
  return (hours * 60 + minutes) / 1440;
}

const STEPS = [
  ['minute', 60],
  ['hour', 60],
  ['day', 24],
  ['week', 7],
  ['month', 4.348],
  ['year', 12],
] as const;

/** How long ago, in words, such as "3 hours ago" or "yesterday". */
export function ago(instant: string, now: string, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  let amount = (Date.parse(instant) - Date.parse(now)) / 1000;
  let unit: Intl.RelativeTimeFormatUnit = 'second';
  for (const [larger, size] of STEPS) {
    if (Math.abs(amount) < size) break;
    amount /= size;
    unit = larger;
  }
  return format.format(unit === 'second' ? 0 : Math.round(amount), unit);
}

/** The instant at which clocks at a place show `wall`, as 2026-11-24T09:30; undefined for what is no such time. */
export function instantAt(wall: string, zone: string): string | undefined {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  // The offset is that of the sought instant, not of the first guess: near a change of clocks they differ.
  const first = asUtc - offsetAt(asUtc, zone);
  return new Date(asUtc - offsetAt(first, zone)).toISOString();
}

/** How far ahead of UTC the clocks are, in milliseconds. */
function offsetAt(instant: number, zone: string): number {
  const shown = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(instant));
  const part = (type: string) => shown.find((one) => one.type === type)?.value ?? '00';
  const wall = `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`;
  return Date.parse(wall) - Math.floor(instant / 1000) * 1000;
}
