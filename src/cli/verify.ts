import { difference } from "../image/compare.ts";
import type { Extent } from "../dense/geometry.ts";
import { randomNumbers } from "../text/random.ts";
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
  const random = randomNumbers(wanted * 31 + width * 7 + height);
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
