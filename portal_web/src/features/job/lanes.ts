/** In or beside a bar its name is written, so that a bar needs more room than its time: this much of the day's width. */
export const NAME = 0.42;

interface Span {
  start: number;
  end: number;
}

/** Puts spans of a day into as few lanes as it takes that none covers another's name. */
export function lanes<One extends Span>(spans: readonly One[]): { items: { of: One; lane: number }[]; lanes: number } {
  const ends: number[] = [];
  const items = spans
    .toSorted((one, other) => one.start - other.start)
    .map((span) => {
      const room = needed(span);
      const free = ends.findIndex((end) => end <= room.start);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = room.end;
      return { of: span, lane };
    });
  return { items, lanes: ends.length };
}

/** Whether the name would not end before the day does: then it stands before the bar. */
export const isLate = (start: number) => start > 1 - NAME;

function needed({ start, end }: Span): Span {
  return isLate(start) ? { start: start - NAME, end } : { start, end: Math.max(end, start + NAME) };
}
