export const PERIODS = ['month', 'quarter', 'year'] as const;
export type PeriodName = (typeof PERIODS)[number];

const MONTHS: Record<PeriodName, number> = { month: 1, quarter: 3, year: 12 };

export function isPeriod(value: unknown): value is PeriodName {
  return PERIODS.some((period) => period === value);
}

/** The reports of the last month, quarter or year: those whose period begins within it. */
export function periodRange(period: PeriodName, now: number = Date.now()): { since: string } {
  const since = new Date(now);
  since.setUTCMonth(since.getUTCMonth() - MONTHS[period]);
  return { since: since.toISOString().slice(0, 10) };
}
