import type { Region } from "../dense/fill.ts";
import type { Extent } from "../dense/geometry.ts";
import { bicubicUpsample, type SampleGrid } from "../image/resize.ts";
import type { MapKind } from "./messages.ts";

/** The values of a part of a map by class: its pixels, or the samples that they are to be interpolated from. */
export type PartValues = { readonly pixels: readonly Float32Array[]; readonly samples?: undefined } | { readonly samples: Samples; readonly pixels?: undefined };

/** The values of a part's pixels by class. */
export function pixelsOf(part: Region, { pixels, samples }: PartValues): readonly Float32Array[] {
  return pixels ?? samples.values.map((_, index) => interpolated(part, samples, index));
}

function interpolated(part: Region, { grid, bounds, values }: Samples, index: number): Float32Array {
  return bicubicUpsample({ ...grid, values: values[index]! }, part, bounds);
}

export interface Samples {
  readonly grid: Omit<SampleGrid, "values">;
  /** Limits between which interpolation stays; infinite ones are none. */
  readonly bounds: readonly [number, number];
  readonly values: readonly Float32Array[];
}

/** A map as far as it is computed, of all classes or of one. */
export interface StoredMap extends Extent {
  readonly kind: MapKind;
  readonly run: number;
  /** Values by class; 0 where not computed yet. Interpolated where they must be when they are asked for: what is only shown never needs them. */
  readonly planes: ReadonlyMap<number, Float32Array>;
  /** The parts that are there, with their samples where those say all. */
  readonly parts: readonly (Region & { readonly samples?: Samples })[];
  /** Whether the values of a class are kept. */
  keeps(classIndex: number): boolean;
  /** Whether a pixel is in one of them. */
  has(x: number, y: number): boolean;
  put(part: Region, values: PartValues): void;
}

/** Bytes that the planes of one map may take; above it, only the class in view is kept. */
export const PLANES_LIMIT = 1 << 30;

/** True where all classes of a map of this size can be kept. */
export function keepsAll({ height, width }: Extent, classes: number, limit = PLANES_LIMIT): boolean {
  return height * width * classes * 4 <= limit;
}

/** An empty map that keeps the given classes. */
export function newMap(kind: MapKind, run: number, { height, width }: Extent, classes: readonly number[]): StoredMap {
  const planes = new Map(classes.map((index) => [index, new Float32Array(height * width)]));
  const parts: (Region & { readonly samples?: Samples })[] = [];
  let waiting: (Region & { readonly samples: Samples })[] = [];
  return {
    kind, run, height, width, parts,
    get planes() {
      for (const part of waiting) for (const [index, plane] of planes) paste(plane, width, part, interpolated(part, part.samples, index));
      waiting = [];
      return planes;
    },
    keeps: (classIndex) => planes.has(classIndex),
    has: (x, y) => parts.some(({ left, top, width: columns, height: rows }) => x >= left && y >= top && x < left + columns && y < top + rows),
    put(region, { pixels, samples }) {
      if (samples === undefined) {
        for (const [index, plane] of planes) paste(plane, width, region, pixels[index]!);
        parts.push(region);
      } else {
        const part = { ...region, samples: { ...samples, values: samples.values.map((each, index) => (planes.has(index) ? each : none)) } };
        parts.push(part);
        waiting.push(part);
      }
    },
  };
}

const none = new Float32Array();

function paste(plane: Float32Array, width: number, { top, left, height, width: columns }: Region, values: Float32Array): void {
  for (let row = 0; row < height; row++) plane.set(values.subarray(row * columns, (row + 1) * columns), (top + row) * width + left);
}

/** The values of a part of a plane, row after row. */
export function cut(plane: Float32Array, width: number, { top, left, height, width: columns }: Region): Float32Array<ArrayBuffer> {
  const values = new Float32Array(height * columns);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * width + left;
    values.set(plane.subarray(from, from + columns), row * columns);
  }
  return values;
}

/** True where every pixel is there. */
export function isWhole({ height, width, parts }: StoredMap): boolean {
  return parts.reduce((sum, part) => sum + part.height * part.width, 0) === height * width;
}

/** The smallest and the largest value. */
export function rangeOf(values: Float32Array): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least <= most ? [least, most] : [0, 0];
}
