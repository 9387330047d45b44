/** Beside a bar its name is written, so that a bar needs more room than its time: a third of the day. */
const NAME = 0.34;

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

/** Late in the day the name stands before the bar. */
function needed({ start, end }: Span): Span {
  return start > 0.6 ? { start: end - NAME, end } : { start, end: Math.max(end, start + NAME) };
}
