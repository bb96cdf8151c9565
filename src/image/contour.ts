/** A closed line, as x and y of its corners in turn, the first not repeated. */
export type Ring = readonly (readonly [x: number, y: number])[];

/** A connected region: its outline, and the outlines of the holes in it. */
export interface Polygon {
  readonly outer: Ring;
  readonly holes: readonly Ring[];
}

/**
 * The regions of a map (`height` rows of `width` values) where it is at least `threshold`.
 *
 * In pixel coordinates: the centre of pixel (column, row) is (column + 0.5, row + 0.5), the picture reaches from (0, 0) to
 * (width, height), and regions that touch its edge are closed along it. Corners lie between pixel centres, placed linearly by the
 * values there; where two pixels touch by their corners, the mean of the four around decides whether they are connected. Outlines
 * run with x towards y (a positive shoelace area), holes against it. Values that are no numbers are outside.
 * Source: marching squares (Lorensen and Cline 1987, in two dimensions).
 */
export function contours(map: Float32Array, width: number, height: number, threshold: number): Polygon[] {
  if (map.length !== width * height) throw new RangeError(`a map of ${width} x ${height}, but ${map.length} values`);
  const grid: Grid = { map, width, height, threshold, inside: insideMask(map, width, height, threshold) };
  const regions = connectedRegions(grid);
  const polygons = new Map<number, { outer: Ring; holes: Ring[] }>();
  const done = new Uint8Array((width + 1) * (height + 1));
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      if (codeOf(grid, x, y) % 15 === 0) continue;
      for (const [entry] of segmentsOf(grid, x, y)) {
        if ((done[y * (width + 1) + x]! & (1 << entry)) !== 0) continue;
        const { ring, area, pixel } = trace(grid, x, y, entry, done);
        if (ring.length < 3 || area === 0) continue;
        const region = regions(pixel);
        const polygon = polygons.get(region) ?? { outer: [], holes: [] };
        if (area > 0) polygon.outer = ring;
        else polygon.holes.push(ring);
        polygons.set(region, polygon);
      }
    }
  }
  return [...polygons.values()].filter(({ outer }) => outer.length > 0);
}

interface Grid {
  readonly map: Float32Array;
  readonly width: number;
  readonly height: number;
  readonly threshold: number;
  /** 1 for pixels inside, with a frame of outside one pixel wide: (x, y) is at (y + 1) * (width + 2) + x + 1. */
  readonly inside: Uint8Array;
}

function insideMask(map: Float32Array, width: number, height: number, threshold: number): Uint8Array {
  const inside = new Uint8Array((width + 2) * (height + 2));
  for (let y = 0, from = 0, to = width + 3; y < height; y++, to += 2) {
    for (let x = 0; x < width; x++) inside[to++] = Number(map[from++]! >= threshold);
  }
  return inside;
}

/** The sides of a cell between four pixel centres. */
const TOP = 0;
const RIGHT = 1;
const BOTTOM = 2;
const LEFT = 3;
type Side = 0 | 1 | 2 | 3;
type Segment = readonly [entry: Side, exit: Side];

/**
 * By which of the corners are inside (upper left 8, upper right 4, lower right 2, lower left 1), the lines through a cell: each
 * enters and leaves so that the inside is to the right of one who walks it with y pointing down.
 */
const segments: readonly (readonly Segment[])[] = [
  [], [[LEFT, BOTTOM]], [[BOTTOM, RIGHT]], [[LEFT, RIGHT]],
  [[RIGHT, TOP]], [[RIGHT, TOP], [LEFT, BOTTOM]], [[BOTTOM, TOP]], [[LEFT, TOP]],
  [[TOP, LEFT]], [[TOP, BOTTOM]], [[TOP, LEFT], [BOTTOM, RIGHT]], [[TOP, RIGHT]],
  [[RIGHT, LEFT]], [[RIGHT, BOTTOM]], [[BOTTOM, LEFT]], [],
];

/** The same for two opposite corners that are connected through the middle. */
const joined: Readonly<Record<number, readonly Segment[]>> = {
  5: [[RIGHT, BOTTOM], [LEFT, TOP]],
  10: [[TOP, RIGHT], [BOTTOM, LEFT]],
};

/** The lines through cell (x, y), whose lower right corner is pixel (x, y). */
function segmentsOf(grid: Grid, x: number, y: number): readonly Segment[] {
  const code = codeOf(grid, x, y);
  return (isJoined(grid, x, y, code) ? joined[code] : segments[code])!;
}

function codeOf({ inside, width }: Grid, x: number, y: number): number {
  const at = y * (width + 2) + x;
  const below = at + width + 2;
  return (inside[at]! << 3) | (inside[at + 1]! << 2) | (inside[below + 1]! << 1) | inside[below]!;
}

function isJoined({ map, width, threshold }: Grid, x: number, y: number, code: number): boolean {
  if (code !== 5 && code !== 10) return false;
  const at = y * width + x;
  return (map[at]! + map[at - 1]! + map[at - width]! + map[at - width - 1]!) / 4 >= threshold;
}

/** Follows the line that enters cell (x, y) at `start` until it closes, and marks its pieces as done. */
function trace(grid: Grid, x: number, y: number, start: Side, done: Uint8Array): { ring: Ring; area: number; pixel: number } {
  const stride = grid.width + 1;
  const [firstX, firstY] = [x, y];
  const [insideX, insideY] = [start === RIGHT || start === BOTTOM ? x : x - 1, start === BOTTOM || start === LEFT ? y : y - 1];
  const ring: [number, number][] = [];
  let area = 0;
  let entry: Side = start;
  let last = crossing(grid, x, y, start);
  do {
    done[y * stride + x]! |= 1 << entry;
    const exit = segmentsOf(grid, x, y).find((segment) => segment[0] === entry)![1];
    const point = crossing(grid, x, y, exit);
    // A value exactly at the threshold puts several crossings on its pixel's centre.
    if (point[0] !== last[0] || point[1] !== last[1]) {
      area += (last[0] * point[1] - point[0] * last[1]) / 2;
      ring.push(point);
      last = point;
    }
    x += exit === RIGHT ? 1 : exit === LEFT ? -1 : 0;
    y += exit === BOTTOM ? 1 : exit === TOP ? -1 : 0;
    entry = ((exit + 2) % 4) as Side;
  } while (x !== firstX || y !== firstY || entry !== start);
  return { ring, area, pixel: insideY * grid.width + insideX };
}

/** Where the threshold is crossed on a side of cell (x, y). */
function crossing(grid: Grid, x: number, y: number, side: Side): [number, number] {
  if (side === TOP || side === BOTTOM) {
    const row = side === TOP ? y - 1 : y;
    return [x - 0.5 + fraction(grid, x - 1, row, x, row), row + 0.5];
  }
  const column = side === LEFT ? x - 1 : x;
  return [column + 0.5, y - 0.5 + fraction(grid, column, y - 1, column, y)];
}

/** How far from the first pixel to the second; half way, which is the picture's edge, where one of them is beyond it. */
function fraction({ map, width, height, threshold }: Grid, x0: number, y0: number, x1: number, y1: number): number {
  if (x0 < 0 || y0 < 0 || x1 >= width || y1 >= height) return 0.5;
  const from = map[y0 * width + x0]!;
  const t = (threshold - from) / (map[y1 * width + x1]! - from);
  return Number.isFinite(t) ? t : 0.5;
}

/** Gives each pixel inside the number of its region. */
function connectedRegions(grid: Grid): (pixel: number) => number {
  const { width, height } = grid;
  const parent = new Int32Array(width * height).map((_, i) => i);
  const find = (pixel: number): number => {
    while (parent[pixel] !== pixel) pixel = parent[pixel] = parent[parent[pixel]!]!;
    return pixel;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const code = codeOf(grid, x, y);
      if ((code & 3) === 3) parent[find(at)] = find(at - 1);
      if ((code & 6) === 6) parent[find(at)] = find(at - width);
      if (isJoined(grid, x, y, code)) {
        if (code === 10) parent[find(at)] = find(at - width - 1);
        else parent[find(at - 1)] = find(at - width);
      }
    }
  }
  return find;
}
