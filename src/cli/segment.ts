import { mkdir, stat } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Command, Option } from "commander";
import { Failure } from "../text/failure.ts";
import { count, counted, duration } from "../text/words.ts";
import { openClassifier, type Classifier } from "../inference/classifier.ts";
import { startInference, type Inference } from "../inference/client.ts";
import type { Provider } from "../inference/messages.ts";
import { chooseProvider, providerChoices, type ProviderChoice } from "../inference/providers.ts";
import { keepSessions } from "../inference/sessions.ts";
import type { Method } from "../dense/plan.ts";
import { denseForms, type DenseForm } from "../onnx/dense-form/dense-form.ts";
import { passes } from "../onnx/passes/passes.ts";
import type { Pair } from "../layers/definition.ts";
import { openWeights } from "../weights/open.ts";
import { exitCodes } from "./exit-codes.ts";
import { chooseMethod } from "./method.ts";
import { readNetFile, requireFitting, requireSound, shapesOf, type NetOptions } from "./net-file.ts";
import { integer, netOptions, real, size } from "./options.ts";
import { requireApart } from "./outputs.ts";
import { preprocessingOf } from "./preprocessing.ts";
import { diagnosticLines, say, sayJson, table, warn } from "./print.ts";
import { textDigest } from "./request-facts.ts";
import { segmentImage, type Result, type Setting, type Target } from "./segment-image.ts";
import { version } from "../../package.json";

interface SegmentOptions extends NetOptions {
  readonly net: string;
  readonly weights: string;
  readonly mean?: string;
  readonly scale: number;
  readonly channels?: "bgr" | "rgb" | "gray";
  readonly method?: Method;
  readonly denseForm?: DenseForm;
  readonly withoutPass?: readonly string[];
  readonly class?: number;
  readonly out?: string;
  readonly provider: Provider | "auto";
  readonly verify?: number;
  readonly patch?: Pair;
  readonly output?: string;
  readonly tile?: number;
  readonly samples: "float" | "byte";
  readonly tissue?: boolean;
  readonly json?: boolean;
  readonly force?: boolean;
}

/** Largest difference from the patch classifier that an exact method may show. */
const EXACT = 1e-4;

/** `netsurgeon segment IMAGE…` */
export function segmentCommand(): Command {
  const command = new Command("segment")
    .description("Runs a patch classifier on every pixel of images and writes the probability of a class as a map.")
    .argument("<image...>", "PNG, JPEG or TIFF files")
    .requiredOption("--net <file>", "deploy prototxt of the patch classifier, or of the fully convolutional net")
    .requiredOption("--weights <model>", "its .caffemodel")
    .option(
      "--mean <mean>",
      "what is subtracted: a .binaryproto (averaged per channel), or numbers in the net's channel order: 104,117,123",
    )
    .option("--scale <x>", "what the result is multiplied by", real, 1)
    .addOption(
      new Option("--channels <order>", "channel order of the net (default: bgr as Caffe has it, gray for nets of one channel)").choices([
        "bgr",
        "rgb",
        "gray",
      ]),
    )
    .addOption(
      new Option(
        "--method <method>",
        "dense: exact, in one pass; advanced: exact, by shift-and-stitch; simple: one pass, interpolated; naive: patch by patch (default: dense, or advanced for nets without a dense form)",
      ).choices(["dense", "advanced", "simple", "naive"]),
    )
    .addOption(
      new Option("--dense-form <form>", "how dense undoes strides: by spreading what follows, that with fewer products in large convolutions (winograd), or in fragments (default: what is fastest)").choices(denseForms),
    )
    .addOption(
      new Option("--without-pass <name...>", "leave the net as it is where a pass would make it faster").choices(passes.map(({ name }) => name)),
    )
    .option("--class <n>", "which class's probability, counted from 0 (default: 1, or 0 for nets of one output)", integer)
    .option("--out <target>", "FILE.png (8 bits), FILE.tif, or a folder (default: IMAGE_prob.png in the current folder, .tif where it is too large)")
    .addOption(new Option("--samples <kind>", "of a .tif: 32-bit float, or bytes (255 is 1)").choices(["float", "byte"]).default("float"))
    .option("--tissue", "skip tiles of white background, for stained sections: their map is 0")
    .addOption(new Option("--provider <name>", "what computes").choices([...providerChoices]).default("auto"))
    .option("--verify <n>", "compare with the patch classifier itself at n random pixels", integer)
    .option("--patch <HxW>", "for a fully convolutional net: the patch it was trained on (default: its receptive field)", size)
    .option("--output <blob>", "take this blob instead of the net's output")
    .option("--tile <n>", "largest tile, in pixels of the net's input (default: what was measured fastest)", integer)
    .option("--json", "print results as JSON")
    .option("--force", "overwrite maps that exist");
  return netOptions(command)
    .addHelpText(
      "after",
      "\nEdges are mirrored by half a patch, so the map is as large as the image.\nA large .tif is written as it comes, tiled and with smaller copies for viewers; what a run that was stopped has finished of it,\nin FILE.tif.partial, the same command takes over.\nExits with 1 where --verify finds more than rounding.\n\nExample:\n  $ netsurgeon segment tissue.png --net deploy.prototxt --weights net.caffemodel --mean mean.binaryproto --verify 100",
    )
    .action(segmentImages);
}

async function segmentImages(images: readonly string[], options: SegmentOptions): Promise<void> {
  keepMemoryFlat();
  const targets = await targetsOf(images, options);
  requireApart(targets.map(({ path }) => path), [...images, options.net, options.weights, options.mean, options.layers], "Choose another name with --out.");
  // The inference process starts, and tries the providers, while the net is read.
  const ended = new AbortController();
  const entry = inferenceEntry();
  const starting = startInference(entry, { signal: ended.signal });
  const choosing = starting.then((inference) => chooseProvider(entry, options.provider, ended.signal, async () => (await inference.status()).compiledIn));
  // Until they are awaited nobody hears of a failure.
  choosing.catch(() => undefined);
  try {
    await segmentWith(images, targets, options, starting, choosing);
  } finally {
    ended.abort();
    await starting.then((inference) => inference.close(), () => undefined);
  }
}

/**
 * Keeps the space for young objects as small as it begins. V8 would let it grow to 48 MB, the more tiles there are; what is young here is small, and holds
 * on to large arrays of pixels until the space is full.
 */
function keepMemoryFlat(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

async function segmentWith(
  images: readonly string[], targets: readonly Target[], options: SegmentOptions, starting: Promise<Inference>, choosing: Promise<ProviderChoice>,
): Promise<void> {
  const document = await readNetFile(options.net, options);
  const shapes = await shapesOf(document, options);
  requireSound(options.net, shapes);
  const model = await openWeights(options.weights);
  requireFitting(options.net, shapes, model);
  const patch = options.patch === undefined ? {} : { patch: { height: options.patch[0], width: options.patch[1] } };
  const classifier = await openClassifier(shapes, model, {
    ...patch,
    ...(options.output !== undefined && { output: options.output }),
    ...(options.withoutPass && { withoutPasses: options.withoutPass }),
  });
  const preprocessing = await preprocessingOf(options, classifier.channels);
  const classIndex = chooseClass(classifier, options.class);
  const { method, note } = chooseMethod(options.method, classifier);
  if (method !== "naive" && method !== "dense")
    for (const line of diagnosticLines(options.net, document, classifier.obstacles)) warn(line);
  if (note !== undefined) warn(note);
  const [inference, { provider, skipped }] = await Promise.all([starting, choosing]);
  const setting: Setting = {
    inference, provider, classifier, preprocessing, classIndex, method,
    sessions: keepSessions(inference, 1),
    ...(options.tile !== undefined && { tile: { height: options.tile, width: options.tile } }),
    ...(options.denseForm !== undefined && { denseForm: options.denseForm }),
    sampleFormat: options.samples === "byte" ? "uint8" : "float32",
    tissue: options.tissue === true,
    force: options.force === true,
    verify: Math.max(0, options.verify ?? 0),
    weights: options.weights,
    facts: {
      net: textDigest(document.tree.text),
      "reading of the net": JSON.stringify([options.phase, options.stage, options.level, options.dialect, options.layers, options.patch, options.output]),
      "version of netsurgeon": version,
    },
  };
  const results: (Result & { skipped: ProviderChoice["skipped"] })[] = [];
  for (const [i, file] of images.entries()) {
    results.push({ ...(await segmentImage(file, targets[i]!, setting)), skipped });
    if (options.json !== true) report(results.at(-1)!, skipped, classifier);
  }
  if (options.json === true) sayJson(results, 2);
  const isWrong = (result: Result): boolean =>
    result.method !== "simple" && result.verify !== undefined && !(result.verify.largest <= EXACT);
  process.exitCode = results.some(isWrong) ? exitCodes.findings : exitCodes.ok;
}

function chooseClass(classifier: Classifier, wanted: number | undefined): number {
  const { classes, output } = classifier;
  const index = wanted ?? (classes === 1 ? 0 : 1);
  if (index >= 0 && index < classes) return index;
  throw new Failure(
    "bad-request",
    `the net's output '${output}' has ${counted(classes, "class", "classes")}, counted from 0; there is no class ${index}`,
  );
}

async function targetsOf(images: readonly string[], { out, force }: SegmentOptions): Promise<Target[]> {
  const named = (image: string): string => `${basename(image, extname(image))}_prob.png`;
  const isFile = out !== undefined && /\.(png|tiff?)$/i.test(out);
  if (isFile && images.length > 1)
    throw new Failure("bad-request", `--out names one file for ${counted(images.length, "image")}`, { advice: "Name a folder." });
  if (out !== undefined && !isFile) {
    const isFolder = await stat(out).then(
      (s) => s.isDirectory(),
      () => undefined,
    );
    if (isFolder === false || (isFolder === undefined && extname(out) !== ""))
      throw new Failure("bad-request", "maps are written as .png or .tif", { file: out });
    if (isFolder === undefined)
      await mkdir(out, { recursive: true }).catch((cause: unknown) => {
        throw new Failure("cannot-write", "the folder cannot be made", { file: out, cause });
      });
  }
  const targets = images.map((image) => (out === undefined ? named(image) : isFile ? out : join(out, named(image))));
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined) throw new Failure("bad-request", `two images would be written to ${twice}`, { advice: "Run them one by one." });
  const taken = force === true || (out !== undefined && isFile) ? undefined : targets.find((target) => existsSync(target));
  if (taken !== undefined)
    throw new Failure("cannot-write", "exists already", { file: taken, advice: "Name the map with --out, or overwrite it with --force." });
  return targets.map((path) => ({ path, chosen: out === undefined || !isFile }));
}

function report(result: Result, skipped: ProviderChoice["skipped"], { geometry, given }: Classifier): void {
  const { patch, stride } = geometry;
  const { tiles, verify } = result;
  const parts = [
    ...(tiles.kept > 0 ? [`${count(tiles.kept)} kept from an earlier run`] : []),
    ...(tiles.skipped > 0 ? [`${count(tiles.skipped)} of background skipped`] : []),
  ];
  const rows = [
    ["net", `${given}, patch ${patch.height} x ${patch.width}, stride ${stride.height} x ${stride.width}`],
    ["image", `${result.image}, ${result.width} x ${result.height}`],
    ["map", `${result.out}, class ${result.class}`],
    ...(parts.length > 0 ? [["tiles", [count(tiles.tiles), ...parts].join(", ")]] : []),
    ["time", `${duration(result.seconds)} (${result.method}, on ${result.provider})`],
    ...skipped.map(({ provider, reason }) => [`no ${provider}`, reason]),
  ];
  if (verify !== undefined)
    rows.push(["verify", `at ${counted(verify.pixels, "pixel")}: largest difference ${verify.largest.toExponential(1)}, mean ${verify.mean.toExponential(1)}`]);
  say(table(rows));
}

/** The bundled inference process beside this bundled program. */
function inferenceEntry(): string {
  return join(__dirname, "inference.cjs");
}
