/** Draws sites on a plan: where each lies on a sheet of a given size, which fall together, and the sheet's grid. */

export interface Located {
  id: string;
  name: string;
  latitude: number;
  longitude: number;
}

export interface Mark<Site> {
  x: number;
  y: number;
  /** More than one where the sheet is too small to tell them apart. */
  sites: [Site, ...Site[]];
  /** On which side there is room for the name; without room it shows when the mark is pointed at. */
  label: 'right' | 'left' | 'above' | 'below' | null;
}

export interface Plan<Site> {
  marks: Mark<Site>[];
  meridians: { x: number; degrees: number }[];
  parallels: { y: number; degrees: number }[];
  scale: { pixels: number; kilometres: number };
}

const MARGIN = 48;
const TOGETHER = 22;
const LETTER = 6.7;
const LINE = 17;
const SMALLEST = 0.02;
const KM_PER_DEGREE = 111.32;
const SIDES = ['right', 'left', 'below', 'above'] as const;

/** The plan of these sites on a sheet of `width` by `height` pixels, north up, all of them in view. */
export function plan<Site extends Located>(sites: readonly Site[], width: number, height: number): Plan<Site> {
  const frame = frameOf(sites, width, height);
  const marks = gathered(sites, frame);
  placeLabels(marks, width, height);
  const step = niceStep(Math.min(width, height) / frame.perDegree / 3);
  return {
    marks,
    meridians: lines(frame.west(0), frame.west(width), step).map((degrees) => ({ degrees, x: frame.x(degrees) })),
    parallels: lines(frame.north(height), frame.north(0), step).map((degrees) => ({ degrees, y: frame.y(degrees) })),
    scale: scaleOf(frame.perDegree / KM_PER_DEGREE, width),
  };
}

interface Frame {
  /** Pixels for a degree of latitude. */
  perDegree: number;
  x: (longitude: number) => number;
  y: (latitude: number) => number;
  west: (x: number) => number;
  north: (y: number) => number;
}

function frameOf(sites: readonly Located[], width: number, height: number): Frame {
  const [south, north] = ends(sites.map(({ latitude }) => latitude));
  const [west, east] = ends(sites.map(({ longitude }) => longitude));
  const middle = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
  // A degree of longitude is shorter the further it is from the equator.
  const narrow = Math.max(0.2, Math.cos((middle.latitude * Math.PI) / 180));
  // While the page is laid out a sheet may be narrower than its margins.
  const inner = (side: number) => side - 2 * Math.min(MARGIN, side / 4);
  const perDegree = Math.min(inner(width) / ((east - west) * narrow), inner(height) / (north - south));
  return {
    perDegree,
    x: (longitude) => width / 2 + (longitude - middle.longitude) * narrow * perDegree,
    y: (latitude) => height / 2 - (latitude - middle.latitude) * perDegree,
    west: (x) => middle.longitude + (x - width / 2) / (narrow * perDegree),
    north: (y) => middle.latitude - (y - height / 2) / perDegree,
  };
}

function ends(values: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const lack = Math.max(0, SMALLEST - (high - low)) / 2;
  return [low - lack, high + lack];
}

function gathered<Site extends Located>(sites: readonly Site[], frame: Frame): Mark<Site>[] {
  const marks: Mark<Site>[] = [];
  for (const site of sites) {
    const [x, y] = [frame.x(site.longitude), frame.y(site.latitude)];
    const near = marks.find((mark) => Math.hypot(mark.x - x, mark.y - y) < TOGETHER);
    if (near) near.sites.push(site);
    else marks.push({ x, y, sites: [site], label: null });
  }
  return marks;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

function placeLabels<Site extends Located>(marks: Mark<Site>[], width: number, height: number): void {
  const taken = marks.map(({ x, y }): Box => ({ left: x - 12, right: x + 12, top: y - 12, bottom: y + 12 }));
  const sheet = { left: 4, right: width - 4, top: 4, bottom: height - 4 };
  for (const mark of marks) {
    if (mark.sites.length > 1) continue;
    const side = SIDES.find((one) => {
      const box = labelBox(mark, one);
      return within(box, sheet) && !taken.some((other) => overlap(box, other));
    });
    if (!side) continue;
    mark.label = side;
    taken.push(labelBox(mark, side));
  }
}

function labelBox({ x, y, sites }: Mark<Located>, side: (typeof SIDES)[number]): Box {
  const long = sites[0].name.length * LETTER;
  const left = side === 'right' ? x + 13 : side === 'left' ? x - 13 - long : x - long / 2;
  const top = side === 'above' ? y - 13 - LINE : side === 'below' ? y + 13 : y - LINE / 2;
  return { left, right: left + long, top, bottom: top + LINE };
}

const within = (box: Box, sheet: Box) =>
  box.left >= sheet.left && box.right <= sheet.right && box.top >= sheet.top && box.bottom <= sheet.bottom;

const overlap = (one: Box, other: Box) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** The next of 1, 2 or 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
}

function lines(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toFixed(6)));
}

function scaleOf(perKilometre: number, width: number): Plan<never>['scale'] {
  const longest = (width * 0.25) / perKilometre;
  const power = 10 ** Math.floor(Math.log10(longest));
  const kilometres = [5, 2, 1].map((factor) => factor * power).find((one) => one <= longest) ?? power;
  return { kilometres, pixels: kilometres * perKilometre };
}
