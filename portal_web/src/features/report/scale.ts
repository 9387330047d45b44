/** The axis of a chart: from a round number below the least value to one above the greatest, with round ticks. */

export interface Scale {
  low: number;
  high: number;
  ticks: number[];
  /** Where a value lies: 0 at the low end, 1 at the high one. */
  at: (value: number) => number;
}

/** Bars start at nothing, so that their lengths can be compared. */
export function scaleOf(values: readonly number[], wanted = 4): Scale {
  const least = Math.min(0, ...values);
  const most = Math.max(0, ...values);
  const step = roundStep((most - least || 1) / wanted);
  const low = Math.floor(least / step) * step;
  const high = Math.ceil((most || step) / step) * step;
  const count = Math.round((high - low) / step);
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number((low + index * step).toPrecision(12)));
  return { low, high, ticks, at: (value) => (value - low) / (high - low) };
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
}
