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
  const format = new Intl.DateTimeFormat(regional(locale), {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  return format.formatRange(new Date(`${start}T00:00:00Z`), new Date(`${end}T00:00:00Z`));
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
