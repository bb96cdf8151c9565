import type { Region } from "../dense/fill.ts";
import { denseGeometry, type Extent, type Geometry } from "../dense/geometry.ts";
import { planPixels, type Place } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import type { Classifier } from "../inference/classifier.ts";
import { fasterForm } from "../inference/dense-form.ts";
import type { Provider } from "../inference/messages.ts";
import { runWork, type NetOnImage } from "../inference/run-work.ts";
import type { OnnxModel } from "../onnx/model.ts";
import { planJobs, valuesOf, type Job, type MapJobs } from "./jobs.ts";
import type { PartValues } from "./maps.ts";
import { nearestFirst } from "./order.ts";
import type { Picture } from "./picture.ts";
import type { Warm } from "./warm.ts";

/** All that a computation needs. */
export interface Bench {
  readonly warm: Warm;
  readonly provider: Provider;
  readonly classifier: Classifier;
  /** Tells apart the models of different nets, weights and outputs in the inference process. */
  readonly key: string;
  readonly picture: Picture;
  readonly preprocessing: Preprocessing;
  /** Limits between which interpolation stays. */
  readonly bounds: readonly [number, number];
  readonly signal: AbortSignal;
}

/** What is done with a finished part of a map: its place, and its values. */
export type TakePart = (part: Region, values: PartValues) => void;

/**
 * Sides of the parts of a map, in pixels: large enough that what neighbours compute twice is little, small enough to see it grow, and that the memory of the
 * first run, page by page got from the system, does not take longer than what it computes.
 */
const simpleTile = 512;
const exactTile = 224;

/** The simple map: the fully convolutional net once, interpolated between its outputs. */
export async function computeSimple(bench: Bench, looking: () => Region | undefined, take: TakePart): Promise<void> {
  const { classifier } = bench;
  const { stride } = classifier.geometry;
  const plan = planJobs(bench.picture.source, classifier.geometry, stride, square(simpleTile));
  await compute(bench, plan, "fully convolutional", () => classifier.fullyConvolutional(plan.input), looking, take);
}

/** The exact map, or one with an exact value every `displacement` pixels; `repeat` runs each part so often, in turn (dropout). */
export async function computeExact(bench: Bench, displacement: number, looking: () => Region | undefined, take: TakePart, repeat = 1): Promise<void> {
  const { net, geometry, model } = await exactNet(bench, displacement);
  const spacing = square(displacement);
  const plan = planJobs(bench.picture.source, geometry, spacing, square(exactSide(bench.classifier, geometry)));
  await compute(bench, plan, net, () => model(plan.input), looking, take, repeat);
}

interface ExactNet {
  readonly net: string;
  readonly geometry: Geometry;
  readonly model: (input: Extent) => OnnxModel;
}

/** What the values of one layer may take, in bytes: several are held at once. */
const LAYER_LIMIT = 256e6;

/** The side of a part of the exact map: smaller where the widest layer, as large as the part in dense form, would take too much memory. */
function exactSide(classifier: Classifier, { stride }: Geometry): number {
  const { patch } = classifier.geometry;
  const widest = classifier.fullyConvolutional(patch).graph.initializers.reduce((most, { shape }) => (shape.length === 4 ? Math.max(most, shape[0]!) : most), 1);
  const fitting = Math.floor(Math.sqrt(LAYER_LIMIT / (4 * widest))) * stride.height;
  return Math.max(16, Math.min(exactTile, fitting));
}

/** The net whose runs give the exact values: in one pass where it has a dense form and all are wanted, else shifted and interleaved. */
async function exactNet({ warm, provider, classifier, picture }: Bench, displacement: number): Promise<ExactNet> {
  if (displacement > 1 || classifier.denseForms.length === 0) {
    return { net: "fully convolutional", geometry: classifier.geometry, model: (input) => classifier.fullyConvolutional(input) };
  }
  const form = await fasterForm(await warm.inference(), provider, classifier, picture.source);
  return { net: form, geometry: denseGeometry(classifier.geometry), model: (input) => classifier.dense(input, form) };
}

async function compute(
  bench: Bench, plan: MapJobs, form: string, model: () => OnnxModel, looking: () => Region | undefined, take: TakePart, repeat = 1,
): Promise<void> {
  const net = await loadNet(bench, `${form} ${plan.input.height}x${plan.input.width}`, () => Promise.resolve(model()));
  const nearest = nearestFirst(plan.jobs, looking);
  const jobs = function* (): Generator<Job> {
    for (let job = nearest(); job !== undefined; job = nearest()) for (let i = 0; i < repeat; i++) yield job;
  };
  await runWork(net, { ...plan, batch: 1 }, jobs(), (job, classes) => {
    take(job.region, valuesOf(job, classes, plan, bench.bounds));
  });
}

/** A net in the inference process, kept there under a name, on the picture; of its output all classes are wanted. */
async function loadNet({ warm, provider, classifier, key, picture, preprocessing, signal }: Bench, name: string, build: () => Promise<OnnxModel>): Promise<NetOnImage> {
  const loaded = await warm.session(`${key} ${name}`, provider, build);
  return { ...loaded, output: classifier.output, classIndex: "all", image: picture.source, preprocessing, signal };
}

/** Patches classified at once. */
export const BATCH = 32;

/** The patch classifier's own answer at some pixels: one value per pixel, by class. */
export async function computePatches(bench: Bench, pixels: readonly Place[], onProgress: (done: number) => void = () => undefined): Promise<Float32Array[]> {
  const { classifier } = bench;
  const net = await loadNet(bench, "patches", () => classifier.patches(BATCH));
  const plan = planPixels(pixels, classifier.geometry, BATCH);
  const result: Float32Array[] = [];
  // In rounds, so that it can be seen to go on and be stopped.
  const rounds = plan.tiles.flatMap((tile) => [...plan.passes(tile)]).map((pass) => ({ samples: plan.map, passes: [pass] }));
  let done = 0;
  await runWork(net, plan, rounds, ({ passes: [pass] }, classes) => {
    for (const [index, values] of classes.entries()) {
      const all = (result[index] ??= new Float32Array(pixels.length));
      for (const { target } of pass!) all[target.column] = values[target.column]!;
    }
    onProgress((done += pass!.length));
  });
  return result;
}

function square(side: number): Extent {
  return { height: side, width: side };
}
