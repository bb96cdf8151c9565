import type { Emitter } from "./emitter.ts";
import { checkConstant, FLOAT, scalar } from "./onnx.ts";
import { overhang, type PoolWindows } from "./pooling-window.ts";
import type { Pair } from "./definition.ts";

const FLT_MAX = 3.4028234663852886e38;

/** The windows' largest values; where a window lies outside the image altogether -FLT_MAX, as in Caffe. */
export function emitMaxPool(emit: Emitter, value: string, windows: PoolWindows): string {
  const inside = onImage(windows);
  return grown(emit, emit.node("MaxPool", [value], attributes(inside)), inside, windows, -FLT_MAX);
}

/** The same with the place of each: its index among the pixels of its channel, row by row; -1 where there is none. */
export function emitMaxPoolMask(emit: Emitter, value: string, windows: PoolWindows): { value: string; mask: string } {
  const inside = onImage(windows);
  const [top, index] = emit.nodes("MaxPool", [value], 2, attributes(inside)) as [string, string];
  // ONNX counts through batch and channels.
  const place = emit.node("Mod", [index, emit.ints([windows.input[0] * windows.input[1]], [])]);
  const mask = emit.node("Cast", [place], { to: FLOAT });
  return { value: grown(emit, top, inside, windows, -FLT_MAX), mask: grown(emit, mask, inside, windows, -1) };
}

/**
 * The windows' means. Caffe divides by the size of the window clipped to image and padding: the sum over a zero-padded image,
 * divided by a map of those sizes, is exact in every runtime, where `ceil_mode` is not. A window outside gives 0 / 0.
 * With `over: "image"`, padding does not count, as Intel's Caffe can have it.
 */
export function emitAveragePool(emit: Emitter, value: string, windows: PoolWindows, over: "padded" | "image" = "padded"): string {
  const { kernel, pad, stride, input, output } = windows;
  const inside = onImage(windows);
  const plain = attributes(inside);
  if (over === "image") return grown(emit, emit.node("AveragePool", [value], { ...plain, count_include_pad: 0 }), inside, windows, NaN);
  const mean = emit.node("AveragePool", [value], "pads" in plain ? { ...plain, count_include_pad: 1 } : plain);
  const beyond = overhang(windows);
  // Windows that stay within image and padding are all of the same size.
  if (beyond[0] <= pad[0] && beyond[1] <= pad[1]) return mean;
  const sizes = (i: 0 | 1): number[] =>
    Array.from({ length: output[i] }, (_, n) => {
      const start = n * stride[i] - pad[i];
      return Math.min(start + kernel[i], input[i] + pad[i]) - start;
    });
  checkConstant("the divisors of average pooling whose windows hang over the edge", output[0] * output[1]);
  const columns = sizes(1);
  const factors = sizes(0).flatMap((height) => columns.map((width) => (kernel[0] * kernel[1]) / (height * width)));
  return emit.node("Mul", [grown(emit, mean, inside, windows, 0), emit.floats(Float32Array.from(factors), [1, 1, ...output])]);
}

/** Stochastic pooling as Caffe does it in the TEST phase: every value weighted by itself, 0 where their sum is not positive. */
export function emitWeightedPool(emit: Emitter, value: string, windows: PoolWindows): string {
  const inside = onImage(windows);
  // Both means are over as many values, so that their quotient is that of the sums.
  const mean = (of: string): string => emit.node("AveragePool", [of], { ...attributes(inside), count_include_pad: 1 });
  const [sum, squares] = [mean(value), mean(emit.node("Mul", [value, value]))];
  const weighted = emit.node("Where", [emit.node("Greater", [sum, scalar(emit, 0)]), emit.node("Div", [squares, sum]), scalar(emit, 0)]);
  return grown(emit, weighted, inside, windows, 0);
}

/**
 * The windows that begin on the image. With a stride above the kernel size and no padding, the last of Caffe's may begin beyond it;
 * ONNX Runtime does not pad that far.
 */
function onImage(windows: PoolWindows): PoolWindows {
  const { input, stride, pad, output } = windows;
  const along = (i: 0 | 1): number => ((output[i] - 1) * stride[i] - pad[i] >= input[i] ? output[i] - 1 : output[i]);
  return { ...windows, output: [along(0), along(1)] };
}

/** What the windows on the image gave, with `fill` for those that are not on it. */
function grown(emit: Emitter, value: string, inside: PoolWindows, windows: PoolWindows, fill: number): string {
  const missing = [windows.output[0] - inside.output[0], windows.output[1] - inside.output[1]];
  if (missing.every((n) => n === 0)) return value;
  return emit.node("Pad", [value, emit.ints([0, 0, 0, 0, 0, 0, ...missing]), scalar(emit, fill)]);
}

/** Kernel, strides and, where windows hang over an edge of the image, the padding that lets them. */
function attributes(windows: PoolWindows): { kernel_shape: Pair; strides: Pair; pads?: readonly number[] } {
  const { kernel, stride, pad } = windows;
  const ends = overhang(windows).map((n) => Math.max(0, n));
  const pads = [...pad, ...ends];
  return { kernel_shape: kernel, strides: stride, ...(pads.some((n) => n > 0) && { pads }) };
}
