import { spawnSync } from "node:child_process";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { convertWeights, planWeights } from "../../src/surgery/weights.ts";
import { writeFileAtomic } from "../../src/text/atomic.ts";
import { openWeights } from "../../src/weights/open.ts";
import { writeWeights } from "../../src/weights/write.ts";
import { writePicture } from "./images.ts";
import { interleaved, runProgram, seconds } from "./measure.ts";
import { shapesOf } from "./nets.ts";

/** A map of one size. */
export interface SizeFigures {
  readonly side: number;
  readonly seconds: number;
  /** Of both processes, in bytes. */
  readonly peak: number;
}

/** Memory and time of maps of growing images, by a net so small that reading, moving and writing pixels is what is measured. */
export async function measureSizes(folder: string, sides: readonly number[]): Promise<SizeFigures[]> {
  const net = await smallNet(folder);
  const figures: SizeFigures[] = [];
  for (const side of sides) {
    const [image, map] = [join(folder, `size-${side}.tif`), join(folder, `map-${side}.tif`)];
    await writePicture(image, side);
    const { out, peak } = await runProgram(["dist/cli.cjs", "segment", image, ...net, "--provider", "cpu", "--method", "simple", "--tile", "540", "--out", map, "--json"]);
    figures.push({ side, seconds: (JSON.parse(out) as [{ seconds: number }])[0].seconds, peak });
    await Promise.all([rm(image), rm(map)]);
  }
  return figures;
}

async function smallNet(folder: string): Promise<string[]> {
  const text = join(folder, "small.prototxt");
  const weights = join(folder, "small.caffemodel");
  await writeFile(text, `
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 16 dim: 16 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 16 stride: 4 } }
layer { name: "prob" type: "Softmax" bottom: "conv" top: "prob" }
`);
  const blob = (...shape: number[]) => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i % 7) - 3) / 5000) });
  await writeWeights(weights, { name: "small", layers: [{ name: "conv", type: "Convolution", blobs: [blob(2, 3, 16, 16), blob(2)] }] });
  return ["--net", text, "--weights", weights];
}

/** Conversion of a model against copying its file. */
export interface ConversionFigures {
  /** Of the model's file, in bytes. */
  readonly size: number;
  readonly copy: number;
  /** Net and model, in a process that runs, as an editor does it, and as copying is measured. */
  readonly convert: number;
  /** The same by the command, its start included. */
  readonly command: number;
  /** The program's start alone. */
  readonly start: number;
  readonly peak: number;
}

/** Converts a net of VGG-16's fully connected layers, which hold nine tenths of its numbers; `width` 4,096 is the original. */
export async function measureConversion(folder: string, width: number, rounds: number): Promise<ConversionFigures> {
  const [text, weights, copy] = [join(folder, "vgg.prototxt"), join(folder, "vgg.caffemodel"), join(folder, "vgg.copy")];
  const layers = [
    { name: "fc6", from: 512 * 7 * 7, to: width },
    { name: "fc7", from: width, to: width },
    { name: "fc8", from: width, to: 1000 },
  ];
  const inner = ({ name, to }: { name: string; to: number }, bottom: string): string =>
    `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" inner_product_param { num_output: ${to} } }\n`;
  await writeFile(text, [
    'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 224 dim: 224 } } }\n',
    'layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 512 kernel_size: 32 stride: 32 } }\n',
    inner(layers[0]!, "conv"), inner(layers[1]!, "fc6"), inner(layers[2]!, "fc7"),
    'layer { name: "prob" type: "Softmax" bottom: "fc8" top: "prob" }\n',
  ].join(""));
  const chunk = Float32Array.from({ length: 2 ** 18 }, (_, i) => ((i % 2011) - 1005) / 1e5);
  const blob = (...shape: number[]) => ({
    shape,
    *data() {
      for (let left = shape.reduce((a, b) => a * b); left > 0; left -= chunk.length) yield chunk.subarray(0, Math.min(left, chunk.length));
    },
  });
  const conv = { name: "conv", type: "Convolution", blobs: [blob(512, 3, 32, 32), blob(512)] };
  const rest = layers.map(({ name, from, to }) => ({ name, type: "InnerProduct", blobs: [blob(to, from), blob(to)] }));
  await writeWeights(weights, { name: "vgg", layers: [conv, ...rest] });
  const peaks: number[] = [];
  const converted = join(folder, "full.caffemodel");
  // Both begin with nothing to be written back to the disk and no file in their place; neither waits for the disk at its end.
  const settle = async (target: string): Promise<void> => {
    await rm(target, { force: true });
    spawnSync("sync");
  };
  const figures = await interleaved(rounds, {
    copy: async () => {
      await settle(copy);
      return seconds(() => copyFile(weights, copy));
    },
    convert: async () => {
      await settle(converted);
      return seconds(() => convertFiles(text, weights, folder, converted));
    },
    start: async () => (await runProgram(["dist/cli.cjs", "--version"])).seconds,
    command: async () => {
      await settle(converted);
      const run = await runProgram(["dist/cli.cjs", "convert", text, "--weights", weights, "--out", join(folder, "full.prototxt"), "--out-weights", converted, "--force"]);
      peaks.push(run.peak);
      return run.seconds;
    },
  });
  const size = [conv, ...rest].flatMap(({ blobs }) => blobs).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b), 0);
  await Promise.all([weights, copy, converted].map((path) => rm(path)));
  return { size, ...figures, peak: Math.max(...peaks) };
}

async function convertFiles(text: string, weights: string, folder: string, converted: string): Promise<void> {
  const shapes = shapesOf({ text });
  const surgery = convertNet(shapes, {});
  if ("refusals" in surgery) throw new Error(surgery.refusals[0]?.message);
  const model = await openWeights(weights);
  await convertWeights(model, converted, planWeights(model, shapes, surgery));
  await writeFileAtomic(join(folder, "full.prototxt"), surgery.text);
}
