import type { Region } from "../dense/fill.ts";
import { checkImageSize } from "../dense/geometry.ts";
import { abortable } from "../inference/abort.ts";
import { openClassifier, type Classifier } from "../inference/classifier.ts";
import type { Provider } from "../inference/messages.ts";
import { openWeights } from "../weights/open.ts";
import { Failure } from "../text/failure.ts";
import { bytes, counted } from "../text/words.ts";
import type { Board, Post } from "./board.ts";
import { followSpread } from "./dropout.ts";
import { stampOf } from "./facts.ts";
import { isWhole, keepsAll, pixelsOf, PLANES_LIMIT, rangeOf, type PartValues } from "./maps.ts";
import type { MapKind, Settings, State, Summary } from "./messages.ts";
import type { OpenedNet } from "./open-net.ts";
import { BATCH, computeExact, computePatches, computeSimple, type Bench } from "./passes.ts";
import type { Picture } from "./picture.ts";
import { followProgress } from "./progress.ts";
import { standIn, type Providers, type Settled } from "./provider.ts";
import { compareAt, randomPlaces } from "./verify.ts";
import type { Warm } from "./warm.ts";

/** What a run works with and tells. */
export interface RunContext {
  readonly providers: Providers;
  readonly warm: Warm;
  readonly board: Board;
  readonly opened: OpenedNet;
  readonly picture: Picture;
  readonly run: number;
  readonly settings: Settings;
  readonly signal: AbortSignal;
  readonly post: Post;
  readonly looking: () => Region | undefined;
  readonly phase: (phase: State["phase"]) => void;
  readonly provider: (settled: Settled) => void;
  /** A provider that passed its test has failed on the net. */
  readonly distrust: () => void;
  readonly summary: (part: Partial<Summary>) => void;
}

/** Everything a click on Run asks for: simple over the whole image, then exact, then, where wished, runs with dropout. */
export async function startRun(context: RunContext): Promise<void> {
  const { settings, opened, signal, picture } = context;
  checkImageSize(picture.image, opened.classifier.geometry, picture.info.name);
  const settle = (): Promise<Settled> => abortable(context.providers.settle(settings.provider), signal);
  const classifier = await classifierOf(context, undefined);
  // The first picture does not wait until all providers have been tried, nor share the processor with that: the CPU is always there.
  const first = settings.provider === "auto" ? ((await context.providers.known("auto")) ?? CPU) : await settle();
  let used = first;
  const watched: RunContext = { ...context, provider: (settled) => {
    used = settled;
    context.provider(settled);
  } };
  try {
    await computeAll(watched, classifier, first, settle);
  } catch (error) {
    const settled = fallBack(context, used, error);
    await computeAll(context, classifier, settled, () => Promise.resolve(settled));
  }
}

/** The CPU, where a provider that passed its test fails on a net all the same: it lacks an operator, or memory. Throws what is no failure of a provider. */
export function fallBack({ signal, warm, distrust }: RunContext, used: Settled, error: unknown): Settled {
  if (signal.aborted || used.name === "cpu" || !(error instanceof Failure) || error.kind !== "inference") throw error;
  const cpu = standIn(used.name, error);
  warm.kill();
  distrust();
  return { ...cpu, skipped: [...used.skipped, ...cpu.skipped] };
}

const CPU: Settled = { name: "cpu", skipped: [] };

/** All maps: simple by the `first` provider, the others by the best, which is looked for once simple is there. */
async function computeAll(context: RunContext, classifier: Classifier, first: Settled, best: () => Promise<Settled>): Promise<void> {
  const { settings, picture, warm, run } = context;
  const classes = classesKept(context, classifier);
  context.provider(first);
  context.phase("simple");
  const quick = benchFor(context, classifier, first.name, "");
  const simpleSeconds = await follow(context, ["simple"], (take) => computeSimple(quick, context.looking, take), classes);
  context.summary({ simpleSeconds });
  // Nobody sees exact before the webview is there, which comes later where it shares the processor.
  await abortable(context.board.there(), context.signal);
  context.phase("exact");
  const { name, exactSeconds } = await exactByBest(context, classifier, first, best, classes);
  context.summary({ exactSeconds, ...(name !== first.name && { simpleProvider: first.name }) });
  const bench = benchFor(context, classifier, name, "");
  if (settings.dropoutRuns > 1) {
    const noisy = await classifierOf(context, settings.dropoutSeed);
    // Loaded anew, a model draws from the start of its seed: the same runs give the same map.
    await computeDropout(context, benchFor(context, noisy, name, `dropout ${run}`), classes);
  }
  const naive = await timePatches(bench);
  const memory = (await warm.status())?.peakMemory;
  const speedUp = (naive.seconds * picture.image.width * picture.image.height) / exactSeconds;
  context.summary({ speedUp, naiveSample: naive.patches, ...(memory !== undefined && { memory }) });
}

/** The exact map by the provider of the first picture; where the trials of others lead to another meanwhile, that one begins it anew. */
async function exactByBest(
  context: RunContext, classifier: Classifier, first: Settled, best: () => Promise<Settled>, classes: readonly number[],
): Promise<{ readonly name: Provider; readonly exactSeconds: number }> {
  const overtaken = new AbortController();
  const settling = best().then((found) => {
    if (found.name === first.name) context.provider(found);
    else overtaken.abort();
    return found;
  });
  // It is awaited below, unless the map itself fails first.
  settling.catch(() => undefined);
  const compute = (name: Provider, signal: AbortSignal): Promise<number> => {
    const bench = { ...benchFor(context, classifier, name, ""), signal };
    return follow(context, ["exact"], (take) => computeExact(bench, context.settings.displacement, context.looking, take), classes);
  };
  try {
    const exactSeconds = await compute(first.name, AbortSignal.any([context.signal, overtaken.signal]));
    // What is measured after it is to be alone on the machine.
    await settling;
    return { name: first.name, exactSeconds };
  } catch (error) {
    if (!overtaken.signal.aborted || context.signal.aborted) throw error;
    const found = await settling;
    context.provider(found);
    context.phase("exact");
    return { name: found.name, exactSeconds: await compute(found.name, context.signal) };
  }
}

async function computeDropout(context: RunContext, bench: Bench, classes: readonly number[]): Promise<void> {
  const { settings, looking } = context;
  const runs = settings.dropoutRuns;
  await follow(context, ["mean", "variance"], async (take) => {
    let spreads: ((values: Float32Array) => { mean: Float32Array; variance: Float32Array })[] = [];
    let done = 0;
    await computeExact(bench, settings.displacement, looking, (part, values) => {
      const pixels = pixelsOf(part, values);
      if (done === 0) spreads = pixels.map((plane) => followSpread(plane.length));
      const now = pixels.map((plane, i) => spreads[i]!(plane));
      if (++done < runs) return;
      done = 0;
      take(part, { pixels: now.map(({ mean }) => mean) }, { pixels: now.map(({ variance }) => variance) });
    }, runs);
  }, classes);
}

/** Computes maps part by part: shows them, tells how far they are, and gives the time in seconds. */
async function follow(
  context: RunContext, kinds: readonly MapKind[], compute: (take: (part: Region, ...maps: PartValues[]) => void) => Promise<void>, classes: readonly number[],
): Promise<number> {
  const { board, picture, run, post, opened, signal, settings } = context;
  const [kind] = kinds;
  const { width, height } = picture.image;
  const total = width * height;
  const start = performance.now();
  const progress = followProgress(total, () => performance.now() / 1000);
  // The range of values that are no probabilities is known once simple is complete.
  const isOpen = !opened.classifier.isProbability && kind === "simple";
  const range = opened.classifier.isProbability ? undefined : board.range("simple");
  for (const each of kinds) board.begin(each, run, { width, height }, classes, each === "variance" ? undefined : range, isOpen);
  let done = 0;
  await compute((part, ...maps) => {
    if (signal.aborted) return;
    for (const [i, each] of kinds.entries()) board.put(each, part, maps[i]!);
    done += part.height * part.width;
    post({ type: "progress", kind: kind!, run, ...progress(done) });
  });
  const seconds = (performance.now() - start) / 1000;
  if (isOpen) board.release("simple", rangeOf(board.map("simple")!.planes.get(settings.classIndex)!));
  for (const each of kinds) board.finish(each, seconds);
  return seconds;
}

/** The patch classifier at random pixels against the maps. */
export async function verifyRun(context: RunContext, pixels: number): Promise<void> {
  const { board, picture, settings, post, signal, providers } = context;
  const simple = board.map("simple");
  if (simple === undefined || !isWhole(simple)) throw new Failure("bad-request", "there is no map to verify yet", { advice: "Run it first." });
  const settled = await abortable(providers.settle(settings.provider), signal);
  const bench = benchFor(context, await classifierOf(context, undefined), settled.name, "");
  const places = randomPlaces(pixels, picture.image.height, picture.image.width, Math.random);
  const answers = (await computePatches(bench, places))[settings.classIndex]!;
  const [ofSimple, ofExact] = (["simple", "exact"] as const).map((kind) => compareAt(board.map(kind), settings.classIndex, places, answers));
  post({ type: "verified", pixels, ...(ofSimple && { simple: ofSimple }), ...(ofExact && { exact: ofExact }) });
}

/** Seconds of one patch, measured on a batch after a first one that sets things up. */
async function timePatches(bench: Bench): Promise<{ readonly seconds: number; readonly patches: number }> {
  const { width, height } = bench.picture.image;
  const places = randomPlaces(BATCH, height, width, Math.random);
  await computePatches(bench, places);
  const start = performance.now();
  await computePatches(bench, places);
  return { seconds: (performance.now() - start) / 1000 / BATCH, patches: BATCH };
}

export function benchFor({ warm, picture, settings, signal, opened }: RunContext, classifier: Classifier, provider: Bench["provider"], extra: string): Bench {
  const { channels, mean, scale } = settings;
  const bounds = opened.classifier.isProbability ? ([0, 1] as const) : ([-Infinity, Infinity] as const);
  return { warm, provider, classifier, key: `${keyOf(classifier)} ${extra}`, picture, preprocessing: { channels, mean, scale }, bounds, signal };
}

/** All classes where memory allows it; else the one in view, which is said. */
function classesKept({ picture, settings, post }: RunContext, { classes }: Classifier): readonly number[] {
  if (keepsAll(picture.image, classes)) return Array.from({ length: classes }, (_, i) => i);
  const text = `The ${counted(classes, "class", "classes")} of this picture would take more than ${bytes(PLANES_LIMIT)}: only the one in view is kept.`;
  post({ type: "notice", notice: { level: "information", text, advice: "Run again after choosing another class." } });
  return [settings.classIndex];
}

const known = new WeakMap<OpenedNet, Map<string, Promise<Classifier>>>();
const keys = new WeakMap<Classifier, number>();
let lastKey = 0;

/** The classifier of the net and its model, opened once for as long as both stay the same. */
export async function classifierOf({ opened, settings }: RunContext, dropoutSeed: number | undefined): Promise<Classifier> {
  const path = settings.weights!;
  const name = JSON.stringify([path, stampOf(path), dropoutSeed]);
  const ofNet = known.get(opened) ?? new Map<string, Promise<Classifier>>();
  known.set(opened, ofNet);
  let classifier = ofNet.get(name);
  if (classifier === undefined) {
    const options = { output: opened.classifier.output, ...(dropoutSeed !== undefined && { dropoutSeed }) };
    classifier = openWeights(path).then((weights) => openClassifier(opened.shapes, weights, options));
    ofNet.set(name, classifier);
    classifier.catch(() => ofNet.delete(name));
  }
  return classifier;
}

function keyOf(classifier: Classifier): string {
  if (!keys.has(classifier)) keys.set(classifier, ++lastKey);
  return String(keys.get(classifier));
}
