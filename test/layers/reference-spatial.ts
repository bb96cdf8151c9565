/** Plain loops for what Caffe's spatial layers compute, written from the loops in their sources, to hold ONNX forms and shapes against. */

import { volume, type Blob } from "./reference.ts";

/** One number for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: readonly number[];
  readonly dilation: readonly number[];
}

export interface Result {
  readonly shape: number[];
  readonly data: number[];
}

/** All index tuples of a shape, the last axis fastest. */
export function places(shape: readonly number[]): number[][] {
  return Array.from({ length: volume(shape) }, (_, i) => {
    const place: number[] = [];
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    return place;
  });
}

/** Where a tuple lies in a blob; -1 outside. */
function at(shape: readonly number[], place: readonly number[]): number {
  if (place.some((i, axis) => i < 0 || i >= shape[axis]!)) return -1;
  return place.reduce((sum, i, axis) => sum * shape[axis]! + i, 0);
}

const extents = ({ kernel, dilation }: Window): number[] => kernel.map((k, i) => dilation[i]! * (k - 1) + 1);

/** `conv_layer.cpp`: sizes by C++ division, zeros beyond the edges. Weights are outputs x channels of a group x kernel. */
export function convolve(x: Blob, window: Window, weights: Blob, group: number, bias: readonly number[] | undefined): Result {
  const [n, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const [outputs, grouped] = weights.shape as [number, number];
  const out = sizes.map((size, i) => Math.trunc((size + 2 * window.pad[i]! - extents(window)[i]!) / window.stride[i]!) + 1);
  const shape = [n, outputs, ...out];
  const taps = places(window.kernel);
  const data = places(shape).map(([item, o, ...position]) => {
    let sum = bias?.[o!] ?? 0;
    for (let c = 0; c < grouped; c++) {
      const channel = Math.floor(o! / (outputs / group)) * (channels / group) + c;
      for (const tap of taps) {
        const source = at(x.shape, [item!, channel, ...position.map((p, i) => p * window.stride[i]! - window.pad[i]! + tap[i]! * window.dilation[i]!)]);
        if (source >= 0) sum += weights.data[at(weights.shape, [o!, c, ...tap])]! * x.data[source]!;
      }
    }
    return sum;
  });
  return { shape, data };
}

/** `deconv_layer.cpp`: every value spreads over a window. Weights are channels x outputs of a group x kernel. */
export function deconvolve(x: Blob, window: Window, weights: Blob, group: number, bias: readonly number[] | undefined): Result {
  const [n, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const outputs = weights.shape[1]! * group;
  const out = sizes.map((size, i) => window.stride[i]! * (size - 1) + extents(window)[i]! - 2 * window.pad[i]!);
  const shape = [n, outputs, ...out];
  const data = places(shape).map(([, o]) => bias?.[o!] ?? 0);
  places(x.shape).forEach(([item, c, ...position], i) => {
    for (let o = 0; o < weights.shape[1]!; o++) {
      const output = Math.floor(c! / (channels / group)) * weights.shape[1]! + o;
      for (const tap of places(window.kernel)) {
        const target = at(shape, [item!, output, ...position.map((p, axis) => p * window.stride[axis]! - window.pad[axis]! + tap[axis]! * window.dilation[axis]!)]);
        if (target >= 0) data[target]! += x.data[i]! * weights.data[at(weights.shape, [c!, o, ...tap])]!;
      }
    }
  });
  return { shape, data };
}

/** `im2col.cpp`: the windows as channels. */
export function im2col(x: Blob, window: Window): Result {
  const [n, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const out = sizes.map((size, i) => Math.trunc((size + 2 * window.pad[i]! - extents(window)[i]!) / window.stride[i]!) + 1);
  const taps = places(window.kernel);
  const shape = [n, channels * taps.length, ...out];
  const data = places(shape).map(([item, column, ...position]) => {
    const tap = taps[column! % taps.length]!;
    const source = at(x.shape, [item!, Math.floor(column! / taps.length), ...position.map((p, i) => p * window.stride[i]! - window.pad[i]! + tap[i]! * window.dilation[i]!)]);
    return source < 0 ? 0 : x.data[source]!;
  });
  return { shape, data };
}

const FLT_MAX = 3.4028234663852886e38;

/** `pooling_layer.cpp`. The mask is MAX's; STOCHASTIC is that of the TEST phase (`pooling_layer.cu`). */
export function pool(x: Blob, method: "MAX" | "AVE" | "STOCHASTIC", round: "CEIL" | "FLOOR", window: Omit<Window, "dilation">): Result & { mask: number[] } {
  const [n, channels, height, width] = x.shape as [number, number, number, number];
  const { kernel, stride, pad } = window;
  const size = (input: number, i: number): number => {
    let out = (round === "CEIL" ? Math.ceil : Math.floor)((input + 2 * pad[i]! - kernel[i]!) / stride[i]!) + 1;
    if (pad.some((p) => p > 0) && (out - 1) * stride[i]! >= input + pad[i]!) out--;
    return out;
  };
  const shape = [n, channels, size(height, 0), size(width, 1)];
  const mask: number[] = [];
  const data = places(shape).map(([item, c, ph, pw]) => {
    let [hstart, wstart] = [ph! * stride[0]! - pad[0]!, pw! * stride[1]! - pad[1]!];
    let [hend, wend] = [Math.min(hstart + kernel[0]!, height + pad[0]!), Math.min(wstart + kernel[1]!, width + pad[1]!)];
    const area = (hend - hstart) * (wend - wstart);
    [hstart, wstart, hend, wend] = [Math.max(hstart, 0), Math.max(wstart, 0), Math.min(hend, height), Math.min(wend, width)];
    let [best, place, sum, squares] = [-FLT_MAX, -1, 0, 0];
    for (let h = hstart; h < hend; h++) {
      for (let w = wstart; w < wend; w++) {
        const value = x.data[at(x.shape, [item!, c!, h, w])]!;
        if (value > best) [best, place] = [value, h * width + w];
        sum += value;
        squares += value * value;
      }
    }
    mask.push(place);
    return method === "MAX" ? best : method === "AVE" ? sum / area : sum > 0 ? squares / sum : 0;
  });
  return { shape, data, mask };
}

/** `lrn_layer.cpp`. */
export function lrn(x: Blob, region: "ACROSS_CHANNELS" | "WITHIN_CHANNEL", size: number, alpha: number, beta: number, k: number): number[] {
  const half = (size - 1) / 2;
  const within = region === "WITHIN_CHANNEL";
  return places(x.shape).map(([n, c, h, w], i) => {
    let sum = 0;
    for (let a = -half; a <= half; a++) {
      for (let b = -half; b <= (within ? half : -half); b++) {
        const near = at(x.shape, within ? [n!, c!, h! + a, w! + b] : [n!, c! + a, h!, w!]);
        if (near >= 0) sum += x.data[near]! ** 2;
      }
    }
    return x.data[i]! * (within ? 1 + (alpha / size ** 2) * sum : k + (alpha / size) * sum) ** -beta;
  });
}

/** `mvn_layer.cpp`, for blobs of four axes. */
export function mvn(x: Blob, across: boolean, variance: boolean, eps: number): number[] {
  const size = volume(x.shape.slice(across ? 1 : 2));
  return normalised(x.data, size, (deviation) => (variance ? deviation + eps : 1));
}

function normalised(data: readonly number[], size: number, divisor: (deviation: number) => number): number[] {
  return data.map((value, i) => {
    const group = data.slice(Math.floor(i / size) * size, (Math.floor(i / size) + 1) * size);
    const mean = group.reduce((a, b) => a + b, 0) / size;
    const deviation = Math.sqrt(group.reduce((a, b) => a + (b - mean) ** 2, 0) / size);
    return (value - mean) / divisor(deviation);
  });
}

/** `batch_norm_layer.cpp` with the statistics of the batch; channels are axis 1. */
export function batchNorm(x: Blob, eps: number): number[] {
  const inner = volume(x.shape.slice(2));
  const channelOf = (i: number): number => Math.floor(i / inner) % x.shape[1]!;
  return x.data.map((value, i) => {
    const channel = x.data.filter((_, j) => channelOf(j) === channelOf(i));
    const mean = channel.reduce((a, b) => a + b, 0) / channel.length;
    const variance = channel.reduce((a, b) => a + (b - mean) ** 2, 0) / channel.length;
    return (value - mean) / Math.sqrt(variance + eps);
  });
}
