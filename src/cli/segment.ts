import { mkdir, stat } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { Command, Option } from "commander";
import { Failure } from "../text/failure.ts";
import { count, counted, duration } from "../text/words.ts";
import { difference } from "../image/compare.ts";
import { readImage, type Image } from "../image/image.ts";
import { openClassifier, type Classifier } from "../inference/classifier.ts";
import { startInference, type Inference } from "../inference/client.ts";
import type { Provider } from "../inference/messages.ts";
import { chooseProvider, providerChoices, type ProviderChoice } from "../inference/providers.ts";
import { classifyPixels, segment, type SegmentRequest } from "../inference/segment.ts";
import type { Method } from "../dense/plan.ts";
import { denseForms, type DenseForm } from "../onnx/dense-form/dense-form.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import type { Pair } from "../layers/definition.ts";
import { openWeights } from "../weights/open.ts";
import { exitCodes } from "./exit-codes.ts";
import { writeMap } from "./map-file.ts";
import { chooseMethod } from "./method.ts";
import { readNetFile, requireSound, shapesOf, type NetOptions } from "./net-file.ts";
import { integer, netOptions, real, size } from "./options.ts";
import { preprocessingOf } from "./preprocessing.ts";
import { diagnosticLines, say, sayJson, table, warn } from "./print.ts";
import { progressLine } from "./progress.ts";

interface SegmentOptions extends NetOptions {
  readonly net: string;
  readonly weights: string;
  readonly mean?: string;
  readonly scale: number;
  readonly channels?: "bgr" | "rgb" | "gray";
  readonly method?: Method;
  readonly denseForm?: DenseForm;
  readonly class?: number;
  readonly out?: string;
  readonly provider: Provider | "auto";
  readonly verify?: number;
  readonly patch?: Pair;
  readonly output?: string;
  readonly tile?: number;
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
      new Option("--dense-form <form>", "how dense undoes strides: by spreading what follows, or in fragments (default: what is faster)").choices(denseForms),
    )
    .option("--class <n>", "which class's probability, counted from 0 (default: 1, or 0 for nets of one output)", integer)
    .option("--out <target>", "FILE.png (8 bits), FILE.tif (32-bit float), or a folder (default: IMAGE_prob.png in the current folder)")
    .addOption(new Option("--provider <name>", "what computes").choices([...providerChoices]).default("auto"))
    .option("--verify <n>", "compare with the patch classifier itself at n random pixels", integer)
    .option("--patch <HxW>", "for a fully convolutional net: the patch it was trained on (default: its receptive field)", size)
    .option("--output <blob>", "take this blob instead of the net's output")
    .option("--tile <n>", "largest tile, in pixels of the net's input (default: patch + 256)", integer)
    .option("--json", "print results as JSON")
    .option("--force", "overwrite maps that exist");
  return netOptions(command)
    .addHelpText(
      "after",
      "\nEdges are mirrored by half a patch, so the map is as large as the image.\nExits with 1 where --verify finds more than rounding.\n\nExample:\n  $ netsurgeon segment tissue.png --net deploy.prototxt --weights net.caffemodel --mean mean.binaryproto --verify 100",
    )
    .action(segmentImages);
}

interface Result {
  readonly image: string;
  readonly out: string;
  readonly width: number;
  readonly height: number;
  readonly method: Method;
  readonly class: number;
  readonly provider: Provider;
  readonly seconds: number;
  /** Providers that would have been preferred, and why they were not used. */
  readonly skipped: ProviderChoice["skipped"];
  readonly verify?: { readonly pixels: number; readonly largest: number; readonly mean: number };
}

async function segmentImages(images: readonly string[], options: SegmentOptions): Promise<void> {
  const targets = await targetsOf(images, options);
  const document = await readNetFile(options.net, options);
  const shapes = await shapesOf(document, options);
  requireSound(options.net, shapes);
  const patch = options.patch === undefined ? {} : { patch: { height: options.patch[0], width: options.patch[1] } };
  const classifier = await openClassifier(shapes, await openWeights(options.weights), {
    ...patch,
    ...(options.output !== undefined && { output: options.output }),
  });
  const preprocessing = await preprocessingOf(options, classifier.channels);
  const classIndex = chooseClass(classifier, options.class);
  const { method, note } = chooseMethod(options.method, classifier);
  if (method !== "naive" && method !== "dense")
    for (const line of diagnosticLines(options.net, document, classifier.obstacles)) warn(line);
  if (note !== undefined) warn(note);
  const entry = inferenceEntry();
  const choice = await chooseProvider(entry, options.provider);
  const inference = await startInference(entry);
  const results: Result[] = [];
  try {
    for (const [i, file] of images.entries()) {
      const image = await readImage(file);
      const request = requestFor(file, image, { inference, classifier, preprocessing, classIndex, choice, tile: options.tile, denseForm: options.denseForm });
      results.push({ ...(await segmentOne(request, file, targets[i]!, method, options.verify)), skipped: choice.skipped });
      if (options.json !== true) report(results.at(-1)!, classifier);
    }
  } finally {
    await inference.close();
  }
  if (options.json === true) sayJson(results, 2);
  const isWrong = (result: Result): boolean =>
    result.method !== "simple" && result.verify !== undefined && !(result.verify.largest <= EXACT);
  process.exitCode = results.some(isWrong) ? exitCodes.findings : exitCodes.ok;
}

interface Setting {
  readonly inference: Inference;
  readonly classifier: Classifier;
  readonly preprocessing: Preprocessing;
  readonly classIndex: number;
  readonly choice: ProviderChoice;
  readonly tile: number | undefined;
  readonly denseForm: DenseForm | undefined;
}

function requestFor(
  file: string,
  image: Image,
  { inference, classifier, preprocessing, classIndex, choice, tile, denseForm }: Setting,
): SegmentRequest {
  const { width, height, channels, data } = image;
  return {
    inference,
    provider: choice.provider,
    classifier,
    file,
    preprocessing,
    classIndex,
    ...(tile !== undefined && { tile: { height: tile, width: tile } }),
    ...(denseForm !== undefined && { denseForm }),
    image: {
      width,
      height,
      channels,
      read: ({ top, left, height: rows, width: columns }) => {
        const region = new Uint8Array(rows * columns * channels);
        for (let row = 0; row < rows; row++) {
          const from = ((top + row) * width + left) * channels;
          region.set(data.subarray(from, from + columns * channels), row * columns * channels);
        }
        return region;
      },
    },
  };
}

async function segmentOne(
  request: SegmentRequest, file: string, out: string, method: Method, pixelsToVerify: number | undefined,
): Promise<Omit<Result, "skipped">> {
  const { image } = request;
  const pixels = image.width * image.height;
  const progress = progressLine(`${basename(file)}, ${method}`);
  const start = performance.now();
  const map = await segment(
    {
      ...request,
      onProgress: (done, total) => {
        progress.update(done, total, `${count((pixels * done) / total / ((performance.now() - start) / 1000))} pixels/s`);
      },
    },
    method,
  ).finally(() => {
    progress.finish();
  });
  const seconds = (performance.now() - start) / 1000;
  const verify = pixelsToVerify === undefined || pixelsToVerify < 1 ? undefined : await verifyMap(request, map, pixelsToVerify);
  await writeMap(out, map, image.width, image.height);
  return {
    image: file,
    out,
    width: image.width,
    height: image.height,
    method,
    class: request.classIndex,
    provider: request.provider,
    seconds,
    ...(verify && { verify }),
  };
}

/** The map against the patch classifier itself at random pixels; the same ones for the same number and size. */
async function verifyMap(request: SegmentRequest, map: Float32Array, pixels: number): Promise<NonNullable<Result["verify"]>> {
  const { width, height } = request.image;
  const random = generator(pixels * 31 + width * 7 + height);
  const places = Array.from({ length: Math.min(pixels, width * height) }, () => ({
    row: Math.floor(random() * height),
    column: Math.floor(random() * width),
  }));
  const exact = await classifyPixels(request, places);
  return {
    pixels: places.length,
    ...difference(
      exact,
      places.map(({ row, column }) => map[row * width + column]!),
    ),
  };
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

function chooseClass(classifier: Classifier, wanted: number | undefined): number {
  const { classes, output } = classifier;
  const index = wanted ?? (classes === 1 ? 0 : 1);
  if (index >= 0 && index < classes) return index;
  throw new Failure(
    "bad-request",
    `the net's output '${output}' has ${counted(classes, "class", "classes")}, counted from 0; there is no class ${index}`,
  );
}

async function targetsOf(images: readonly string[], { out, force }: SegmentOptions): Promise<string[]> {
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
  return targets;
}

function report(result: Result, { geometry, given }: Classifier): void {
  const { patch, stride } = geometry;
  const rows = [
    ["net", `${given}, patch ${patch.height} x ${patch.width}, stride ${stride.height} x ${stride.width}`],
    ["image", `${result.image}, ${result.width} x ${result.height}`],
    ["map", `${result.out}, class ${result.class}`],
    ["time", `${duration(result.seconds)} (${result.method}, on ${result.provider})`],
    ...result.skipped.map(({ provider, reason }) => [`no ${provider}`, reason]),
  ];
  if (result.verify !== undefined)
    rows.push([
      "verify",
      `at ${counted(result.verify.pixels, "pixel")}: largest difference ${result.verify.largest.toExponential(1)}, mean ${result.verify.mean.toExponential(1)}`,
    ]);
  say(table(rows));
}

/** The bundled inference process beside this bundled program. */
function inferenceEntry(): string {
  return join(__dirname, "inference.cjs");
}
