import { fillWindow } from "../dense/fill.ts";
import type { ImageSource, Region } from "../dense/fill.ts";
import type { Geometry } from "../dense/geometry.ts";
import { planMap, planPixels } from "../dense/plan.ts";
import type { Method, Pass, Place, Plan } from "../dense/plan.ts";
import { channelCount, pixelTables } from "../dense/preprocess.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import { pasteTile, placeOutputs } from "../dense/stitch.ts";
import { bicubicUpsample } from "../image/resize.ts";
import { Failure } from "../text/failure.ts";
import { abortable, stopIfAborted } from "./abort.ts";
import type { Inference } from "./client.ts";
import type { Session } from "./messages.ts";
import { netInput, outputPlane } from "./net-shape.ts";

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
  const { image, geometry } = request;
  const plan = planMap(method, image, geometry, netInput(request, method));
  const map = await collect(request, plan);
  const { stride } = geometry;
  if (method !== "simple" || (stride.height === 1 && stride.width === 1)) return map;
  return bicubicUpsample(map, plan.map.height, plan.map.width, stride.height, stride.width, image.height, image.width);
}

/** The probability of a class at some pixels, by the patch classifier: one value per pixel, in their order. */
export async function runPixels(request: MapRequest, pixels: readonly Place[]): Promise<Float32Array> {
  return collect(request, planPixels(pixels, request.geometry, netInput(request, "naive").batch));
}

/**
 * Runs a plan and hands over each tile as soon as it is complete: its place in the plan's map, and its values row after row.
 *
 * Keeps one pass ready while another is computed; memory does not grow with the map.
 */
export async function runTiles(
  request: MapRequest, plan: Plan, take: (tile: Region, values: Float32Array) => void | Promise<void>,
): Promise<void> {
  const { signal, onProgress } = request;
  const total = plan.tiles.reduce((sum, tile) => sum + plan.passCount(tile), 0);
  const size = plan.batch * channelCount(request.preprocessing) * plan.input.height * plan.input.width;
  // One is filled while the other is computed on.
  const buffers = [new Float32Array(size), new Float32Array(size)] as const;
  const tables = pixelTables(request.preprocessing);
  let started = 0;
  let done = 0;
  let before: Promise<void> = Promise.resolve();
  for (const tile of plan.tiles) {
    const values = new Float32Array(tile.height * tile.width);
    let left = plan.passCount(tile);
    for (const pass of plan.passes(tile)) {
      stopIfAborted(signal);
      const feed = buffers[started++ % 2]!;
      await fillBatch(feed, request, plan, pass, tables);
      const running = runPass(request, plan, pass, feed, tile, values);
      const previous = before;
      before = (async () => {
        await previous;
        await running;
        stopIfAborted(signal);
        onProgress?.(++done, total);
        if (--left === 0) await take(tile, values);
      })();
      // It is awaited one turn later; until then a rejection must not count as unheard.
      running.catch(() => undefined);
      before.catch(() => undefined);
      await abortable(previous, signal);
    }
  }
  await abortable(before, signal);
}

async function collect(request: MapRequest, plan: Plan): Promise<Float32Array> {
  const map = new Float32Array(plan.map.height * plan.map.width);
  await runTiles(request, plan, (tile, values) => { pasteTile(map, plan.map, tile, values); });
  return map;
}

async function fillBatch(feed: Float32Array, request: MapRequest, plan: Plan, pass: Pass, tables: readonly Float32Array[]): Promise<void> {
  const { height, width } = plan.input;
  const each = tables.length * height * width;
  for (const [member, { source }] of pass.entries()) {
    const planes = feed.subarray(member * each, (member + 1) * each);
    await fillWindow(planes, request.image, { ...source, height, width }, request.preprocessing.channels, tables);
  }
}

async function runPass(request: MapRequest, plan: Plan, pass: Pass, feed: Float32Array, tile: Region, values: Float32Array): Promise<void> {
  const { inference, session, classIndex } = request;
  const shape = [plan.batch, channelCount(request.preprocessing), plan.input.height, plan.input.width];
  const name = request.output ?? session.outputs[0]!.name;
  const { outputs } = await inference.run(session, { [session.inputs[0]!.name]: { type: "float32", shape, data: feed } }, [name]);
  const output = outputs[name];
  if (output === undefined) throw new Failure("inference", `the net gives no output '${name}'`);
  for (const [member, { target }] of pass.entries()) {
    placeOutputs(values, tile, outputPlane(output, member, classIndex, plan.outputs), target, plan.step);
  }
}
