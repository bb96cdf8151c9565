import fc from "fast-check";
import type { Extent, Geometry } from "../../src/dense/geometry.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { outputField } from "../../src/net/reach.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { exportNet } from "../../src/onnx/export.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { randomNumbers } from "./patch-net.ts";

type Pair = readonly [number, number];

/** A layer of a generated net, or two branches that join. */
export type Block =
  | { readonly kind: "conv"; readonly kernel: Pair; readonly stride: Pair; readonly dilation: number; readonly group: number }
  | { readonly kind: "pool"; readonly pool: "MAX" | "AVE"; readonly kernel: Pair; readonly stride: Pair }
  | { readonly kind: "pointwise"; readonly type: "ReLU" | "LRN" | "BatchNorm" | "Scale" | "Sigmoid" | "Dropout" | "PReLU" }
  | { readonly kind: "branch"; readonly join: "Concat" | "Eltwise"; readonly kernel: Pair; readonly stride: Pair; readonly pool: boolean };

const small = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
const steps = fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }));

const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ kind: fc.constant("conv" as const), kernel: small, stride: steps, dilation: fc.integer({ min: 1, max: 2 }), group: fc.constantFrom(1, 2) }),
  fc.record({ kind: fc.constant("pool" as const), pool: fc.constantFrom("MAX" as const, "AVE" as const), kernel: small, stride: steps }),
  fc.record({
    kind: fc.constant("pointwise" as const),
    type: fc.constantFrom("ReLU" as const, "LRN" as const, "BatchNorm" as const, "Scale" as const, "Sigmoid" as const, "Dropout" as const, "PReLU" as const),
  }),
  fc.record({ kind: fc.constant("branch" as const), join: fc.constantFrom("Concat" as const, "Eltwise" as const), kernel: small, stride: steps, pool: fc.boolean() }),
);

/** Nets of up to five blocks, without padding. */
export const blocks: fc.Arbitrary<Block[]> = fc.array(block, { minLength: 1, maxLength: 5 });

const CHANNELS = 4;

/** A net made of blocks, with a last convolution over whatever they leave of a patch, and random weights. */
export interface GeneratedNet {
  readonly text: string;
  readonly geometry: Geometry;
  readonly layout: (input: Extent, batch?: number) => OnnxModel;
}

/** The net of these blocks; its last kernel is 2 x 1, and its patch may have rows and columns that no window reaches. */
export function generatedNet(list: readonly Block[], leftover = 0): GeneratedNet {
  const body = textOf(list);
  const field = shapesOf(`${body}${lastLayers(list.length, [2, 1])}`, { height: 200, width: 200 });
  const { size, stride } = outputField(field)!;
  const extra = (axis: 0 | 1): number => Math.min(leftover, stride[axis] - 1);
  const patch = { height: size[0] + extra(0), width: size[1] + extra(1) };
  const text = `${body}${lastLayers(list.length, [2, 1])}`;
  const random = randomNumbers(list.length * 17 + size[0]);
  const params = new Map(field.net.layers.map((layer) => [
    layer.name,
    field.layers[layer.index]!.params.map((shape, i) => ({ shape: shape!, data: weights(layer.type, i, shape!.reduce((a, b) => a * b, 1), random) })),
  ]));
  return {
    text,
    geometry: { patch, stride: { height: stride[0], width: stride[1] } },
    layout: (input, batch = 1) => exportNet(shapesOf(text, input, batch), params, { outputs: ["prob"] }),
  };
}

function shapesOf(text: string, { height, width }: Extent, batch = 1) {
  return inferShapes(readNet(readDocument(text)), { inputs: new Map([["data", [batch, 2, height, width]]]) });
}

function weights(type: string, blob: number, count: number, random: () => number): Float32Array {
  const isVariance = type === "BatchNorm" && blob === 1;
  const isFactor = type === "BatchNorm" && blob === 2;
  return Float32Array.from({ length: count }, () => (isFactor ? 1 : isVariance ? 0.5 + random() : (random() - 0.5) * (count > 16 ? 4 / Math.sqrt(count / CHANNELS) : 1)));
}

function textOf(list: readonly Block[]): string {
  const lines = [`layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 200 dim: 200 } } }`, conv("first", "data", "b0", [2, 2], [1, 1])];
  list.forEach((one, i) => lines.push(...layersOf(one, `l${i}`, `b${i}`, `b${i + 1}`)));
  return `${lines.join("\n")}\n`;
}

function lastLayers(index: number, kernel: Pair): string {
  return `${conv("last", `b${index}`, "scores", kernel, [1, 1], "", 3)}\nlayer { name: "prob" type: "Softmax" bottom: "scores" top: "prob" }\n`;
}

function layersOf(one: Block, name: string, bottom: string, top: string): string[] {
  switch (one.kind) {
    case "conv":
      return [conv(name, bottom, top, one.kernel, one.stride, `dilation: ${one.dilation} group: ${one.group}`)];
    case "pool":
      return [pool(name, bottom, top, one.pool, one.kernel, one.stride)];
    case "pointwise":
      return [`layer { name: "${name}" type: "${one.type}" bottom: "${bottom}" top: "${top}" ${parameters[one.type] ?? ""} }`];
    case "branch": {
      const other = one.pool ? pool(`${name}b`, bottom, `${name}b`, "MAX", one.kernel, one.stride) : conv(`${name}b`, bottom, `${name}b`, one.kernel, one.stride);
      const after = one.join === "Concat" ? [`layer { name: "${name}j" type: "Concat" bottom: "${name}a" bottom: "${name}b" top: "${name}j" }`, conv(`${name}c`, `${name}j`, top, [1, 1], [1, 1])] : [`layer { name: "${name}j" type: "Eltwise" bottom: "${name}a" bottom: "${name}b" top: "${top}" }`];
      return [conv(`${name}a`, bottom, `${name}a`, one.kernel, one.stride), other, ...after];
    }
  }
}

const parameters: Partial<Record<string, string>> = {
  LRN: "lrn_param { local_size: 3 alpha: 0.5 }",
  Scale: "scale_param { bias_term: true }",
};

function conv(name: string, bottom: string, top: string, kernel: Pair, stride: Pair, more = "", outputs = CHANNELS): string {
  const window = `kernel_h: ${kernel[0]} kernel_w: ${kernel[1]} stride_h: ${stride[0]} stride_w: ${stride[1]}`;
  return `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${top}" convolution_param { num_output: ${outputs} ${window} ${more} } }`;
}

function pool(name: string, bottom: string, top: string, kind: string, kernel: Pair, stride: Pair): string {
  const window = `kernel_h: ${kernel[0]} kernel_w: ${kernel[1]} stride_h: ${stride[0]} stride_w: ${stride[1]}`;
  return `layer { name: "${name}" type: "Pooling" bottom: "${bottom}" top: "${top}" pooling_param { pool: ${kind} ${window} round_mode: FLOOR } }`;
}
