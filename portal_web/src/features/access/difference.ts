import type { MessageId } from '../../ui/language';
import { covers, placeId, placeName, type Access, type Place, type VisibleReport } from './access';

/** A sentence for the live region, by its message and values. */
export interface Sentence {
  id: MessageId;
  values: Record<string, string | number>;
}

export interface Difference {
  /** Whether anything read before may be different, or not be there, when it is read again. */
  changed: boolean;
  /** Whether something went, so that the focus may go with it. */
  lost: boolean;
  sentences: Sentence[];
}

/** What became of the viewer's access between two pushes, and what is said about it. */
export function difference(before: Access, after: Access): Difference {
  const lostPlaces = without(before, after);
  const gainedPlaces = without(after, before);
  const lostReports = missing(before, after);
  const gainedReports = missing(after, before);
  const told = [
    ...lostPlaces.map((place) => sentence('access.lost.place', { place: placeName(place, before) })),
    ...lostSentences(outside(lostReports, lostPlaces), before.reports.nodes),
    ...gainedPlaces.map((place) => sentence('access.gained.place', { place: placeName(place, after) })),
    ...gainedSentences(outside(gainedReports, gainedPlaces)),
  ];
  const shifted = permissionShifts(before, after);
  const lost = lostPlaces.length > 0 || lostReports.length > 0 || shifted.some((shift) => shift.shrank);
  const changed = before.epoch !== after.epoch || lost || told.length > 0 || shifted.length > 0;
  return { changed, lost, sentences: told.length > 0 ? told.slice(0, 3) : shiftSentences(shifted) };
}

const sentence = (id: MessageId, values: Sentence['values'] = {}): Sentence => ({ id, values });

/** Places of `one` that nothing in `other` covers: a place whose own grant went may still be seen by a wider one. */
function without(one: Access, other: Access): Place[] {
  return one.places.filter((place) => !other.places.some((wider) => covers(wider, place)));
}

/** Reports of places that are spoken of anyway need no words of their own. */
function outside(reports: VisibleReport[], places: Place[]): VisibleReport[] {
  const sites = new Set(places.map((place) => place.site?.id));
  return places.some((place) => !place.site) ? [] : reports.filter((report) => !sites.has(report.site?.id));
}

/**
 * Reports of `one` that are not in `other`. Both are the first page of a list: what lies behind the last report that
 * both have may only have been pushed out of the page, or moved up into it, and is not counted.
 */
function missing(one: Access, other: Access): VisibleReport[] {
  const ids = new Set(other.reports.nodes.map((report) => report.id));
  const nodes = one.reports.nodes;
  const last = nodes.findLastIndex((report) => ids.has(report.id));
  const sure = other.reports.pageInfo.hasNextPage ? nodes.slice(0, last + 1) : nodes;
  return sure.filter((report) => !ids.has(report.id));
}

function bySite(reports: readonly VisibleReport[]): VisibleReport[][] {
  const groups = new Map<string | undefined, VisibleReport[]>();
  for (const report of reports) groups.set(report.site?.id, [...(groups.get(report.site?.id) ?? []), report]);
  return [...groups.values()];
}

// Only the first page of the reports is compared, so nothing is counted in words.
function lostSentences(lost: VisibleReport[], known: readonly VisibleReport[]): Sentence[] {
  const groups = bySite(lost);
  if (groups.length > 2) return [sentence('access.lost.reports.many')];
  return groups.map((reports) => {
    const [first] = reports;
    const site = first?.site?.name ?? '';
    const all = known.filter((report) => report.site?.id === first?.site?.id).length === reports.length;
    if (all) return sentence('access.lost.reports.at', { site });
    if (reports.length === 1) return sentence('access.lost.report', { site, title: first?.title ?? '' });
    return sentence('access.lost.reports.some', { site });
  });
}

function gainedSentences(gained: VisibleReport[]): Sentence[] {
  const groups = bySite(gained);
  if (groups.length > 2) return [sentence('access.gained.reports.many')];
  return groups.map((reports) => {
    const [first] = reports;
    const site = first?.site?.name ?? '';
    if (reports.length === 1) return sentence('access.gained.report', { site, title: first?.title ?? '' });
    return sentence('access.gained.reports.at', { site });
  });
}

interface Shift {
  place: string;
  shrank: boolean;
}

/** Places whose own rights are others than before. */
function permissionShifts(before: Access, after: Access): Shift[] {
  const rights = (access: Access) =>
    new Map(access.places.map((place) => [placeId(place, access), { place, rights: place.permissions }]));
  const [old, now] = [rights(before), rights(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => {
    const [was, is] = [old.get(id), now.get(id)];
    const shrank = was?.rights.some((right) => !is?.rights.includes(right)) ?? false;
    const grew = is?.rights.some((right) => !was?.rights.includes(right)) ?? false;
    if (!shrank && !grew) return [];
    return [{ place: is ? placeName(is.place, after) : was ? placeName(was.place, before) : '', shrank }];
  });
}

function shiftSentences(shifts: Shift[]): Sentence[] {
  const [only, ...others] = shifts;
  if (!only) return [];
  return [others.length > 0 ? sentence('access.changed') : sentence('access.changed.place', { place: only.place })];
}
