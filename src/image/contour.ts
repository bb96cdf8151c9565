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
  const grid: Grid = { map, width, height, threshold };
  const regions = connectedRegions(grid);
  const polygons = new Map<number, { outer: Ring; holes: Ring[] }>();
  const done = new Uint8Array((width + 1) * (height + 1));
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
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
}

function isInside({ map, width, height, threshold }: Grid, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < width && y < height && map[y * width + x]! >= threshold;
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
  [], [[BOTTOM, LEFT]], [[RIGHT, BOTTOM]], [[RIGHT, LEFT]],
  [[TOP, RIGHT]], [], [[TOP, BOTTOM]], [[TOP, LEFT]],
  [[LEFT, TOP]], [[BOTTOM, TOP]], [], [[RIGHT, TOP]],
  [[LEFT, RIGHT]], [[BOTTOM, RIGHT]], [[LEFT, BOTTOM]], [],
];
