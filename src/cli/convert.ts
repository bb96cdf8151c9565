import { basename, dirname, extname, join } from "node:path";
import { Command } from "commander";
import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import { bytes, counted } from "../text/words.ts";
import type { Pair } from "../layers/definition.ts";
import { shapeText } from "../layers/shape.ts";
import { inputLayers } from "../net/net.ts";
import type { NetShapes } from "../net/shapes.ts";
import { convertNet, type Surgery } from "../surgery/fully-convolutional.ts";
import { convertWeights, planWeights } from "../surgery/weights.ts";
import { openWeights } from "../weights/open.ts";
import { encoded, netFailure, readNetFile, requireSound, shapesOf, type NetOptions } from "./net-file.ts";
import { netOptions, size } from "./options.ts";
import { requireApart, requireFree } from "./outputs.ts";
import { diagnosticLines, say, sayText, warn } from "./print.ts";
import { progressLine } from "./progress.ts";

interface ConvertOptions extends NetOptions {
  readonly weights?: string;
  readonly inputSize?: Pair;
  readonly imageSize?: Pair;
  readonly suffix: string;
  readonly softmax: boolean;
  readonly out?: string;
  readonly outWeights?: string;
  readonly force?: boolean;
}

/** `netsurgeon convert FILE` */
export function convertCommand(): Command {
  const command = new Command("convert")
    .description(
      "Makes a patch classifier fully convolutional: InnerProduct layers become convolutions of the same numbers, in the prototxt and in the model.",
    )
    .argument("<file>", "the patch classifier's deploy prototxt")
    .option("--weights <model>", "its .caffemodel, converted too")
    .option("--input-size <HxW>", "rows and columns of the new net's input (default: left as they are)", size)
    .option("--image-size <HxW>", "the same, given the image: input = image + patch, for edges mirrored by half a patch", size)
    .option("--suffix <text>", "appended to the names of converted layers, so that Caffe does not load the old weights by name", "-conv")
    .option("--no-softmax", "add no Softmax to a net that ends without one")
    .option("--out <file>", "where the prototxt goes (default: NAME_full.prototxt beside it; - for standard output)")
    .option("--out-weights <file>", "where the model goes (default: NAME_full.caffemodel beside it)")
    .option("--force", "overwrite files that exist");
  return netOptions(command)
    .addHelpText(
      "after",
      "\nComments and layout of the prototxt stay as they are.\n\nExample:\n  $ netsurgeon convert deploy.prototxt --weights net.caffemodel --image-size 2000x2000",
    )
    .action(convertFile);
}

async function convertFile(file: string, options: ConvertOptions): Promise<void> {
  const document = await readNetFile(file, options);
  const shapes = await shapesOf(document, options);
  requireSound(file, shapes);
  const result = convertNet(shapes, { suffix: options.suffix, inputSize: inputSizeOf(file, shapes, options), softmax: options.softmax });
  if ("refusals" in result) {
    for (const line of diagnosticLines(file, document, result.refusals.slice(1))) warn(line);
    throw netFailure(file, document, result.refusals.slice(0, 1), result.refusals[0]!);
  }
  const out = options.out ?? beside(file, "_full", ".prototxt");
  const outWeights = options.weights === undefined ? undefined : (options.outWeights ?? beside(options.weights, "_full", ".caffemodel"));
  const model = options.weights === undefined ? undefined : await openWeights(options.weights);
  const plan = model === undefined ? undefined : planWeights(model, shapes, result);
  const advice = "Choose another name with --out or --out-weights";
  requireApart([out, outWeights], [file, options.weights], `${advice}.`);
  if (options.force !== true) for (const target of [out, outWeights]) requireFree(target, `${advice}, or overwrite it with --force.`);
  await writeBoth(out, encoded(document, result.text), async () => {
    if (model === undefined || plan === undefined || outWeights === undefined) return;
    const progress = progressLine("converting weights");
    await convertWeights(model, outWeights, plan, (done, total) => {
      progress.update(done, total, `${bytes(done)} of ${bytes(total)}`);
    }).finally(() => {
      progress.finish();
    });
  });
  if (out === "-") sayText(result.text, encoded(document, result.text));
  for (const line of diagnosticLines(file, document, result.obstacles)) warn(line);
  if (out !== "-") report(result, out, outWeights);
}

/** Writes the text (unless it goes to standard output), and the model with it: both files appear, or none. */
async function writeBoth(out: string, text: Uint8Array, writeModel: () => Promise<void>): Promise<void> {
  if (out === "-") {
    await writeModel();
    return;
  }
  const file = await createAtomicFile(out);
  try {
    await file.handle.writeFile(text).catch((cause: unknown) => {
      throw fileFailure("cannot-write", out, cause);
    });
    await writeModel();
  } catch (cause) {
    await file.discard();
    throw cause;
  }
  await file.commit();
}

/** The size of the new net's input: as given, or that of an image whose edges are mirrored by half a patch on each side. */
function inputSizeOf(file: string, shapes: NetShapes, { inputSize, imageSize }: ConvertOptions): Pair | undefined {
  if (inputSize === undefined && imageSize === undefined) return undefined;
  if (inputSize !== undefined && imageSize !== undefined) throw new Failure("bad-request", "--input-size and --image-size exclude each other");
  const patch = inputLayers(shapes.net)
    .flatMap((layer) => shapes.layers[layer.index]!.tops)
    .find((shape) => shape?.length === 4);
  if (patch === undefined) throw new Failure("bad-net", "the net has no image input of known size", { file });
  const [, , rows, columns] = patch as [number, number, number, number];
  if (inputSize === undefined) return [imageSize![0] + rows, imageSize![1] + columns];
  if (inputSize[0] < rows || inputSize[1] < columns) {
    throw new Failure("bad-request", `an input of ${inputSize.join(" x ")} is smaller than the patch of ${rows} x ${columns}, which the net needs at least`);
  }
  return inputSize;
}

function beside(file: string, ending: string, extension: string): string {
  const actual = extname(file);
  return join(dirname(file), `${basename(file, actual)}${ending}${actual || extension}`);
}

function report(surgery: Surgery, out: string, outWeights: string | undefined): void {
  for (const { layer, name, from, to, transpose } of surgery.conversions) {
    say(`${layer.name} -> ${name}: ${shapeText(from)}${transpose ? " (transposed)" : ""} -> ${shapeText(to)}`);
  }
  for (const layer of surgery.removals) say(`${layer.name} (${layer.type}) removed: convolutions read the image itself`);
  for (const { layer, kernel } of surgery.pools) say(`${layer.name}: pools over ${kernel[0]} x ${kernel[1]}, no longer over everything`);
  if (surgery.softmax !== undefined) say(`${surgery.softmax} (Softmax) added: the net ended without one`);
  if (surgery.conversions.length === 0 && surgery.pools.length === 0) say("no InnerProduct layer: the net is fully convolutional already");
  say(`wrote ${out}${outWeights === undefined ? "" : ` and ${outWeights}`}`);
  if (surgery.obstacles.length > 0)
    say(`the output will differ from the patch classifier's: ${counted(surgery.obstacles.length, "reason")} above`);
}
