import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import { randomNumbers } from "../../src/text/random.ts";
import { channelMeans, readBinaryProto } from "../../src/weights/blob-file.ts";
import { writeWeights } from "../../src/weights/write.ts";

/** A net that is measured, in its files. */
export interface BenchNet {
  readonly title: string;
  readonly text: string;
  readonly weights: string;
  readonly mean?: string;
}

export const sampleNet: BenchNet = {
  title: "The sample net",
  text: "samples/nuclei32/deploy.prototxt", weights: "samples/nuclei32/nuclei32.caffemodel", mean: "samples/nuclei32/mean.binaryproto",
};

/** A fully convolutional net made with NVIDIA's Caffe by others, which is not ours to give away; undefined where it does not lie beside the repository. */
export function foreignNet(): BenchNet | undefined {
  const folder = "../shared/data/real/seed-author/nvcaffe-fcn";
  if (!existsSync(folder)) return undefined;
  const at = (name: string): string => join(folder, name);
  return { title: "nvcaffe-fcn, a net of others", text: at("deploy_full.prototxt"), weights: at("full_convolutional_net.caffemodel"), mean: at("mean.binaryproto") };
}

export function shapesOf({ text }: Pick<BenchNet, "text">): NetShapes {
  return inferShapes(readNet(readDocument(readFileSync(text, "utf8"))));
}

/** The mean of each channel. */
export async function meanOf({ mean }: BenchNet): Promise<readonly number[]> {
  return mean === undefined ? [128] : channelMeans(await readBinaryProto(mean));
}

/** Writes a small net after AlexNet, without padding, with branches that join (Concat, Eltwise), groups and LRN, and a model of random weights. */
export async function branchedNet(folder: string): Promise<BenchNet> {
  const [text, weights] = [join(folder, "branched.prototxt"), join(folder, "branched.caffemodel")];
  await writeFile(text, branched);
  const shapes = inferShapes(readNet(readDocument(branched)));
  const layers = shapes.net.layers.flatMap(({ name, type, index }) => {
    const blobs = shapes.layers[index]!.params.map((shape) => ({ shape: shape!, data: randomWeights(shape!) }));
    return blobs.length === 0 ? [] : [{ name, type, blobs }];
  });
  await writeWeights(weights, { name: "branched", layers });
  return { title: "A net with branches, after AlexNet, of random weights", text, weights };
}

/** Numbers that keep values in range from layer to layer; biases are small. */
function randomWeights(shape: readonly number[]): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const scale = shape.length === 1 ? 0.1 : Math.sqrt(6 / (size / shape[0]!));
  const random = randomNumbers(size);
  return Float32Array.from({ length: size }, () => (random() - 0.5) * 2 * scale);
}

const convolution = (name: string, bottom: string, parameters: string): string => `
layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" convolution_param { ${parameters} } }
layer { name: "${name}/relu" type: "ReLU" bottom: "${name}" top: "${name}" }`;

const product = (name: string, bottom: string, outputs: number): string =>
  `\nlayer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" inner_product_param { num_output: ${outputs} } }`;

const branched = [
  'name: "branched"\nlayer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 63 dim: 63 } } }',
  convolution("conv1", "data", "num_output: 64 kernel_size: 7 stride: 2"),
  '\nlayer { name: "norm1" type: "LRN" bottom: "conv1" top: "norm1" lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 } }',
  '\nlayer { name: "pool1" type: "Pooling" bottom: "norm1" top: "pool1" pooling_param { pool: MAX kernel_size: 3 stride: 2 } }',
  convolution("left", "pool1", "num_output: 32 kernel_size: 3 group: 2"),
  convolution("right1", "pool1", "num_output: 32 kernel_size: 1"),
  convolution("right", "right1", "num_output: 32 kernel_size: 3"),
  '\nlayer { name: "both" type: "Concat" bottom: "left" bottom: "right" top: "both" }',
  convolution("conv3", "both", "num_output: 64 kernel_size: 3"),
  convolution("conv4", "both", "num_output: 64 kernel_size: 3"),
  '\nlayer { name: "sum" type: "Eltwise" bottom: "conv3" bottom: "conv4" top: "sum" }',
  '\nlayer { name: "pool2" type: "Pooling" bottom: "sum" top: "pool2" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }',
  product("fc6", "pool2", 128),
  '\nlayer { name: "relu6" type: "ReLU" bottom: "fc6" top: "fc6" }',
  product("fc7", "fc6", 64),
  '\nlayer { name: "relu7" type: "ReLU" bottom: "fc7" top: "fc7" }',
  product("fc8", "fc7", 2),
  '\nlayer { name: "prob" type: "Softmax" bottom: "fc8" top: "prob" }\n',
].join("");
