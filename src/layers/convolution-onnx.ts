import type { Emitter } from "./emitter.ts";
import { volume, type Shape } from "./shape.ts";
import { extent, type Window } from "./spatial.ts";

/** Weights of a convolution with the bias, where it has one. */
export interface Filters {
  readonly weights: Float32Array;
  /** Outputs, channels of one group, kernel (a deconvolution: channels, outputs of one group, kernel). */
  readonly shape: Shape;
  readonly bias: Float32Array | undefined;
}

/**
 * A Conv or ConvTranspose node that computes what Caffe does: channels on any axis, any number of spatial axes (none: a product),
 * windows that hang over the far edge read zeros, dilation 0 reads one value for all kernel positions.
 */
export function emitConvolution(
  emit: Emitter,
  op: "Conv" | "ConvTranspose",
  value: string,
  bottom: Shape,
  top: Shape,
  window: Window,
  filters: Filters,
  group: number,
): string {
  const { weights, shape, window: plain } = asPlain(filters, window);
  const items = volume(bottom, 0, window.axis);
  const sizes = window.kernel.length === 0 ? [1] : bottom.slice(window.axis + 1);
  const input = [items, bottom[window.axis]!, ...sizes];
  const results = window.kernel.length === 0 ? [1] : top.slice(window.axis + 1);
  const inputs = [sameShape(bottom, input) ? value : emit.reshape(value, input), emit.floats(weights, shape)];
  if (filters.bias !== undefined) inputs.push(emit.floats(filters.bias, [filters.bias.length]));
  const ends =
    op === "ConvTranspose"
      ? plain.pad
      : plain.pad.map((pad, i) => Math.max(0, (results[i]! - 1) * plain.stride[i]! + extent(plain, i) - sizes[i]! - pad));
  const output = emit.node(op, inputs, {
    kernel_shape: plain.kernel,
    strides: plain.stride,
    dilations: plain.dilation,
    pads: [...plain.pad, ...ends],
    group,
  });
  return sameShape(top, [items, top[window.axis]!, ...results]) ? output : emit.reshape(output, top);
}

/** One kernel for every position in a window, so that convolving each channel with them lays its windows side by side. */
export function oneHotFilters(channels: number, kernel: readonly number[]): Filters {
  const taps = volume(kernel);
  const weights = new Float32Array(channels * taps * taps);
  for (let output = 0; output < channels * taps; output++) weights[output * taps + (output % taps)] = 1;
  return { weights, shape: [channels * taps, 1, ...kernel], bias: undefined };
}

/** At least one spatial axis, and no dilation 0: where all positions of a kernel read the same value, their sum does. */
function asPlain(filters: Filters, window: Window): { weights: Float32Array; shape: Shape; window: Window } {
  if (window.kernel.length === 0) {
    const one = [1];
    return {
      weights: filters.weights,
      shape: [...filters.shape, 1],
      window: { ...window, kernel: one, stride: one, pad: [0], dilation: one },
    };
  }
  let { weights, shape } = filters;
  window.dilation.forEach((dilation, i) => {
    if (dilation !== 0) return;
    weights = summedAlong(weights, shape, i + 2);
    shape = shape.map((size, axis) => (axis === i + 2 ? 1 : size));
  });
  return { weights, shape, window: { ...window, kernel: shape.slice(2), dilation: window.dilation.map((d) => Math.max(1, d)) } };
}

function summedAlong(data: Float32Array, shape: Shape, axis: number): Float32Array {
  const [outer, size, inner] = [volume(shape, 0, axis), shape[axis]!, volume(shape, axis + 1)];
  const sums = new Float32Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < size; k++) {
      for (let i = 0; i < inner; i++) sums[o * inner + i]! += data[(o * size + k) * inner + i]!;
    }
  }
  return sums;
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i]);
}
