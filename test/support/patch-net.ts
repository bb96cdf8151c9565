import type { Extent, Geometry } from "../../src/dense/geometry.ts";
import { buildGraph } from "../../src/onnx/builder.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { int, ints } from "../../src/onnx/model.ts";

/** A small patch classifier: convolution, ReLU, max pooling, convolution over what is left, softmax. */
export interface PatchNet {
  readonly channels: number;
  readonly classes: number;
  readonly conv1: Extent;
  /** Kernel and stride of the pooling. */
  readonly pool: Extent;
  readonly conv2: Extent;
}

export function geometryOf({ conv1, pool, conv2 }: PatchNet): Geometry {
  return {
    patch: { height: conv1.height - 1 + pool.height * conv2.height, width: conv1.width - 1 + pool.width * conv2.width },
    stride: pool,
  };
}

/** The net with fixed random weights, for an input of this size; `"n"` leaves the batch open. */
export function patchNetModel(net: PatchNet, input: Extent, batch: number | string = 1): OnnxModel {
  const random = randomNumbers(7);
  const graph = buildGraph("patch-net");
  const hidden = 4;
  const conv = (bottom: string, name: string, from: number, to: number, kernel: Extent): string => {
    const count = to * from * kernel.height * kernel.width;
    const weights = Float32Array.from({ length: count }, () => (random() - 0.5) / Math.sqrt(count / to));
    const bias = Float32Array.from({ length: to }, () => random() - 0.5);
    const w = graph.weight(`${name}_w`, weights, [to, from, kernel.height, kernel.width]);
    const b = graph.weight(`${name}_b`, bias, [to]);
    return graph.node("Conv", [bottom, w, b], { kernel_shape: ints(kernel.height, kernel.width) }, name);
  };
  const data = graph.input("data", [batch, net.channels, input.height, input.width]);
  const relu = graph.node("Relu", [conv(data, "conv1", net.channels, hidden, net.conv1)]);
  const window = ints(net.pool.height, net.pool.width);
  const pool = graph.node("MaxPool", [relu], { kernel_shape: window, strides: window });
  const prob = graph.node("Softmax", [conv(pool, "conv2", hidden, net.classes, net.conv2)], { axis: int(1) }, "prob");
  graph.output(prob, [batch, net.classes, "h", "w"]);
  return graph.finish();
}

/** Numbers in [0, 1) that are the same in every run. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** An image of random pixels, read from memory. */
export function randomImage(height: number, width: number, channels: number) {
  const random = randomNumbers(height * 1000 + width);
  const data = Uint8Array.from({ length: height * width * channels }, () => Math.floor(random() * 256));
  return {
    height, width, channels, data,
    read({ top, left, height: rows, width: columns }: { top: number; left: number } & Extent): Uint8Array {
      const inside = top >= 0 && left >= 0 && rows > 0 && columns > 0 && top + rows <= height && left + columns <= width;
      if (!inside) throw new Error("a region outside the image was asked for");
      const part = new Uint8Array(rows * columns * channels);
      for (let i = 0; i < rows; i++) {
        const from = ((top + i) * width + left) * channels;
        part.set(data.subarray(from, from + columns * channels), i * columns * channels);
      }
      return part;
    },
  };
}
