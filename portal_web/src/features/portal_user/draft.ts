import { COLUMNS, PORTAL_ROLES, REPORT_FEATURES, REPORTS, type Column } from '../access/grants';

/** A name at a place, as one word. */
export type Held = string;

/** What is to be given and taken, of what somebody has by hand. What others change meanwhile stays changed. */
export interface Draft {
  given: ReadonlySet<Held>;
  taken: ReadonlySet<Held>;
}

export const NOTHING: Draft = { given: new Set(), taken: new Set() };

/** The names by which a column can be held through something else, by column. */
export type Conferred = Readonly<Record<Column, readonly string[]>>;

export const held = (name: string, place: string): Held => `${place} ${name}`;

export function parted(one: Held): { name: string; placeId: string } {
  const [placeId = '', name = ''] = one.split(' ');
  return { name, placeId };
}

/** What somebody would have by hand. */
export function wanted(had: ReadonlySet<Held>, { given, taken }: Draft): ReadonlySet<Held> {
  return new Set([...had].filter((one) => !taken.has(one)).concat([...given]));
}

/** How `now` comes about from what somebody has. */
function draftOf(had: ReadonlySet<Held>, now: ReadonlySet<Held>): Draft {
  return {
    given: new Set([...now].filter((one) => !had.has(one))),
    taken: new Set([...had].filter((one) => !now.has(one))),
  };
}

export function isNothing({ given, taken }: Draft): boolean {
  return given.size === 0 && taken.size === 0;
}

/** How many boxes and choices are other than before; another role is one choice, not one taken and one given. */
export function countChanges(had: ReadonlySet<Held>, draft: Draft): number {
  const now = wanted(had, draft);
  const places = new Set([...draft.given, ...draft.taken].map((one) => parted(one).placeId));
  const roles = [...places].filter((place) => roleAt(had, place) !== roleAt(now, place)).length;
  const [before, after] = [boxes(had), boxes(now)];
  const differ = [...before].filter((one) => !after.has(one)).concat([...after].filter((one) => !before.has(one)));
  return roles + differ.length;
}

/** The boxes that are ticked: all reports at once are a box for each kind. */
function boxes(all: ReadonlySet<Held>): ReadonlySet<Held> {
  const ticked = [...all].map(parted).flatMap(({ name, placeId }) => {
    if (PORTAL_ROLES.some((role) => role === name)) return [];
    return (name === REPORTS ? REPORT_FEATURES : [name]).map((one) => held(one, placeId));
  });
  return new Set(ticked);
}

const isKind = (name: string) => REPORT_FEATURES.some((one) => one === name);

/** Whether the column is ticked at the place: all reports at once tick each kind. */
export function isTicked(now: ReadonlySet<Held>, name: string, place: string): boolean {
  return now.has(held(name, place)) || (isKind(name) && now.has(held(REPORTS, place)));
}

/** Ticks, or takes the tick away. One kind out of all reports leaves the others, each by itself. */
export function toggled(had: ReadonlySet<Held>, draft: Draft, name: string, place: string): Draft {
  const now = new Set(wanted(had, draft));
  const one = held(name, place);
  if (!isTicked(now, name, place)) now.add(one);
  else {
    if (isKind(name) && now.delete(held(REPORTS, place))) for (const kind of REPORT_FEATURES) now.add(held(kind, place));
    now.delete(one);
  }
  return draftOf(had, asBefore(had, now, place));
}

/** All kinds ticked again, where there had been all reports, is no change. */
function asBefore(had: ReadonlySet<Held>, now: Set<Held>, place: string): ReadonlySet<Held> {
  const kinds = REPORT_FEATURES.map((kind) => held(kind, place));
  if (!had.has(held(REPORTS, place)) || !kinds.every((kind) => now.has(kind))) return now;
  for (const kind of kinds) if (!had.has(kind)) now.delete(kind);
  return now.add(held(REPORTS, place));
}

export function roleAt(now: ReadonlySet<Held>, place: string): string {
  return PORTAL_ROLES.findLast((role) => now.has(held(role, place))) ?? '';
}

/** Another role at the place, or none. */
export function withRole(had: ReadonlySet<Held>, draft: Draft, role: string, place: string): Draft {
  const now = new Set(wanted(had, draft));
  for (const one of PORTAL_ROLES) now.delete(held(one, place));
  if (role) now.add(held(role, place));
  return draftOf(had, now);
}

const STOOD_FOR: ReadonlySet<string> = new Set([...COLUMNS, ...PORTAL_ROLES, REPORTS]);

/** What is held at the place that no column stands for. */
export function othersAt(all: ReadonlySet<Held>, place: string): string[] {
  return [...all]
    .map(parted)
    .filter(({ name, placeId }) => placeId === place && !STOOD_FOR.has(name))
    .map(({ name }) => name)
    .toSorted();
}

export interface Through {
  name: string;
  /** It is held at a place around this one. */
  wider: boolean;
}

/** What else shows the column at the place: a role, another feature, or the same held more widely. */
export function through(
  all: ReadonlySet<Held>,
  conferring: readonly string[],
  { name, place, around }: { name: string; place: string; around: readonly string[] },
): Through | undefined {
  const here = conferring.find((one) => one !== name && !(one === REPORTS && isKind(name)) && all.has(held(one, place)));
  if (here) return { name: here, wider: false };
  const found = around.flatMap((at) => conferring.filter((one) => all.has(held(one, at))))[0];
  return found === undefined ? undefined : { name: found, wider: true };
}
