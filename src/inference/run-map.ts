import type { Region } from "../dense/fill.ts";
import type { Geometry } from "../dense/geometry.ts";
import { planMap, planPixels } from "../dense/plan.ts";
import type { Method, Place, Plan } from "../dense/plan.ts";
import { pasteTile } from "../dense/stitch.ts";
import { netInput } from "./net-shape.ts";
import { runWork, type NetOnImage, type Work } from "./run-work.ts";

/** A net on an image, for the map of one class. */
export interface MapRequest extends NetOnImage {
  /** Sizes that the net leaves open. */
  readonly input?: { readonly batch?: number; readonly height?: number; readonly width?: number };
  readonly geometry: Geometry;
  readonly classIndex: number;
  /** Called after every run of the net with the runs done and their total. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The probability of a class at every pixel: height x width values, row after row.
 *
 * `simple` runs the net at every stride and interpolates between; the other methods are exact.
 * A net or class that does not fit is a Failure, as is an inference process that dies, and a signal that fires.
 */
export async function runMap(request: MapRequest, method: Method): Promise<Float32Array> {
  return collectMap(request, planFor(request, method));
}

/** The probability of a class at some pixels, by the patch classifier: one value per pixel, in their order. */
export async function runPixels(request: MapRequest, pixels: readonly Place[]): Promise<Float32Array> {
  return collectMap(request, planPixels(pixels, request.geometry, netInput(request, "naive").batch));
}

/** The tiles of a map and the runs that make them, for {@link runTiles}. */
export function planFor(request: Pick<MapRequest, "session" | "input" | "geometry" | "image" | "preprocessing">, method: Method): Plan {
  return planMap(method, request.image, request.geometry, netInput(request, method));
}

/** What is done with a finished tile: its place in the map, and its values row after row, which change when the promise is fulfilled. The next but one waits for it. */
export type TakeTile = (tile: Region, values: Float32Array) => void | Promise<void>;

/**
 * Runs a plan and hands over each tile as soon as it is complete. Gives the time spent in the net itself, in seconds.
 *
 * `tiles` says which of the plan's, and in which order. At most two runs are held, however large the map ({@link runWork}).
 */
export async function runTiles(request: MapRequest, plan: Plan, take: TakeTile, tiles: readonly Region[] = plan.tiles): Promise<number> {
  const total = tiles.reduce((sum, tile) => sum + plan.passCount(tile), 0);
  let done = 0;
  const finish = ({ tile }: TileWork, [values]: Float32Array[]): void | Promise<void> => take(tile, plan.interpolation?.pixels(tile, values!) ?? values!);
  return runWork({ ...request, lends: true }, plan, workOf(plan, tiles), finish, () => request.onProgress?.(++done, total));
}

interface TileWork extends Work {
  readonly tile: Region;
}

function* workOf(plan: Plan, tiles: readonly Region[]): Generator<TileWork> {
  for (const tile of tiles) yield { tile, samples: plan.interpolation?.samples(tile) ?? tile, passes: [...plan.passes(tile)] };
}

/** Runs a plan and gives its whole map, row after row. */
export async function collectMap(request: MapRequest, plan: Plan): Promise<Float32Array> {
  const map = new Float32Array(plan.map.height * plan.map.width);
  await runTiles(request, plan, (tile, values) => { pasteTile(map, plan.map, tile, values); });
  return map;
}
