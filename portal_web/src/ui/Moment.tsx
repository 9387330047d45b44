import { FormattedMessage, useIntl } from 'react-intl';

import { dayInZone, period, timeInZone, wholeDay, zoneName } from './time';

/** An instant at a site: day, time and the zone's name, as the site's clocks show it. */
export function Moment({ at, zone }: { at: string; zone: string }) {
  const { locale } = useIntl();
  return (
    <time dateTime={at}>
      {dayInZone(at, zone, locale)}, {timeInZone(at, zone, locale)} {zoneName(at, zone, locale)}
    </time>
  );
}

/** A period of whole days. */
export function Period({ start, end }: { start: string; end: string }) {
  const { locale } = useIntl();
  return <time dateTime={`${start}/${end}`}>{period(start, end, locale)}</time>;
}

/** A period of whole days whose end may be open. */
export function OpenPeriod({ start, end }: { start: string; end: string | null }) {
  const { locale } = useIntl();
  if (end) return <Period start={start} end={end} />;
  return (
    <time dateTime={start}>
      <FormattedMessage id="period.since" values={{ day: wholeDay(start, locale) }} />
    </time>
  );
}
