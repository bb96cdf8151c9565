import { difference } from "../image/compare.ts";
import type { Extent } from "../dense/geometry.ts";
import type { Place } from "../dense/plan.ts";
import { classifyPixels, type SegmentRequest } from "../inference/segment.ts";

/** How far a map is from the patch classifier itself. */
export interface Verification {
  /** Pixels compared. */
  readonly pixels: number;
  readonly largest: number;
  readonly mean: number;
}

/** Pixels of an image that look random; the same ones for the same number and size. */
export function randomPlaces({ width, height }: Extent, wanted: number): Place[] {
  const random = generator(wanted * 31 + width * 7 + height);
  return Array.from({ length: Math.min(wanted, width * height) }, () => ({
    row: Math.floor(random() * height),
    column: Math.floor(random() * width),
  }));
}

/** The values of a map at some pixels against the patch classifier itself. */
export async function differenceAt(request: SegmentRequest, places: readonly Place[], values: readonly number[]): Promise<Verification> {
  const { largest, mean } = difference(await classifyPixels(request, places), values);
  return { pixels: places.length, largest, mean };
}

/** Numbers from 0 to 1 that look random and are the same on every run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
