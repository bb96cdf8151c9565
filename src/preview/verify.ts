import { difference } from "../image/compare.ts";
import type { Place } from "../dense/plan.ts";
import type { Difference } from "./messages.ts";
import type { StoredMap } from "./maps.ts";

/** So many pixels at random places of a picture. `random` gives numbers from 0 to below 1. */
export function randomPlaces(count: number, height: number, width: number, random: () => number): Place[] {
  return Array.from({ length: count }, () => ({ row: Math.floor(random() * height), column: Math.floor(random() * width) }));
}

/** How far a map is from the patch classifier's answers at some pixels; undefined where the map is not computed at all of them. */
export function compareAt(map: StoredMap | undefined, classIndex: number, places: readonly Place[], answers: Float32Array): Difference | undefined {
  const plane = map?.planes.get(classIndex);
  if (map === undefined || plane === undefined) return undefined;
  if (!places.every(({ row, column }) => map.has(column, row))) return undefined;
  const values = places.map(({ row, column }) => plane[row * map.width + column]!);
  const { largest, mean } = difference(values, answers);
  return { largest, mean };
}
