import { readWindow } from "../dense/fill.ts";
import type { ImageSource, Region } from "../dense/fill.ts";
import type { Geometry } from "../dense/geometry.ts";
import { planMap, planPixels } from "../dense/plan.ts";
import type { Method, Pass, Place, Plan } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import { pasteTile, placeOutputs } from "../dense/stitch.ts";
import { abortable, stopIfAborted } from "./abort.ts";
import type { Inference } from "./client.ts";
import type { Planes, Session } from "./messages.ts";
import { netInput, planeSize } from "./net-shape.ts";

/** A net loaded and ready, with the image it is to look at. */
export interface MapRequest {
  readonly inference: Inference;
  /** A net with one image input, N x C x H x W. Sizes it leaves open come from `input`. */
  readonly session: Session;
  readonly input?: { readonly batch?: number; readonly height?: number; readonly width?: number };
  readonly geometry: Geometry;
  readonly image: ImageSource;
  readonly preprocessing: Preprocessing;
  /** Which channel of the output is wanted. */
  readonly classIndex: number;
  /** Which output; left out, the first. */
  readonly output?: string;
  /** Called after every run of the net with the runs done and their total. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
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

/** What is done with a finished tile: its place in the map, and its values row after row. The next but one waits for the promise. */
export type TakeTile = (tile: Region, values: Float32Array) => void | Promise<void>;

/**
 * Runs a plan and hands over each tile as soon as it is complete. Gives the time spent in the net itself, in seconds.
 *
 * `tiles` says which of the plan's, and in which order; each is asked for when there is room for it, one run ahead of the one under way,
 * so a generator can follow what the user looks at. Pixels are read and tiles handed over while the net runs; at most two runs are held,
 * however large the map.
 */
export async function runTiles(request: MapRequest, plan: Plan, take: TakeTile, tiles: Iterable<Region> = plan.tiles): Promise<number> {
  const { signal, onProgress } = request;
  const total = (Array.isArray(tiles) ? (tiles as readonly Region[]) : plan.tiles).reduce((sum, tile) => sum + plan.passCount(tile), 0);
  let done = 0;
  let seconds = 0;
  let before: Promise<void> = Promise.resolve();
  for (const tile of tiles) {
    const filled = plan.interpolation?.samples(tile) ?? tile;
    const values = new Float32Array(filled.height * filled.width);
    let left = plan.passCount(tile);
    for (const pass of plan.passes(tile)) {
      stopIfAborted(signal);
      const pixels = await readPass(request.image, plan, pass);
      const running = runPass(request, plan, pass, pixels);
      const previous = before;
      before = (async () => {
        await previous;
        const planes = await running;
        stopIfAborted(signal);
        seconds += planes.seconds;
        place(planes, pass, request, plan, filled, values);
        onProgress?.(++done, total);
        if (--left === 0) await take(tile, plan.interpolation?.pixels(tile, values) ?? values);
      })();
      // It is awaited one turn later; until then a rejection must not count as unheard.
      running.catch(() => undefined);
      before.catch(() => undefined);
      await abortable(previous, signal);
    }
  }
  await abortable(before, signal);
  return seconds;
}

/** Runs a plan and gives its whole map, row after row. */
export async function collectMap(request: MapRequest, plan: Plan): Promise<Float32Array> {
  const map = new Float32Array(plan.map.height * plan.map.width);
  await runTiles(request, plan, (tile, values) => { pasteTile(map, plan.map, tile, values); });
  return map;
}

async function readPass(image: ImageSource, plan: Plan, pass: Pass): Promise<Uint8Array> {
  const { height, width } = plan.input;
  const [first] = pass;
  if (pass.length === 1) return readWindow(image, { ...first!.source, height, width });
  const each = height * width * image.channels;
  const pixels = new Uint8Array(pass.length * each);
  for (const [member, { source }] of pass.entries()) pixels.set(await readWindow(image, { ...source, height, width }), member * each);
  return pixels;
}

function runPass({ inference, session, image, preprocessing, classIndex, output }: MapRequest, plan: Plan, pass: Pass, pixels: Uint8Array): Promise<Planes> {
  const { height, width } = plan.input;
  return inference.classify(session, {
    pixels, channels: image.channels, count: pass.length, height, width, batch: plan.batch, preprocessing, classIndex,
    ...(output !== undefined && { output }),
  });
}

function place(planes: Planes, pass: Pass, { classIndex }: MapRequest, plan: Plan, filled: Region, values: Float32Array): void {
  const size = planeSize(planes, pass.length, classIndex, plan.outputs);
  for (const [member, { target }] of pass.entries()) {
    placeOutputs(values, filled, { ...size, data: planes.values, offset: member * size.height * size.width }, target, plan.step);
  }
}
