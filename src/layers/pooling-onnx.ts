import type { Emitter } from "./emitter.ts";
import { FLOAT, scalar } from "./onnx.ts";
import { overhang, type PoolWindows } from "./pooling-window.ts";
import type { Pair } from "./definition.ts";

const FLT_MAX = 3.4028234663852886e38;

/** The windows' largest values; where a window lies outside the image altogether -FLT_MAX, as in Caffe. */
export function emitMaxPool(emit: Emitter, value: string, windows: PoolWindows): string {
  const { value: input, pads } = padded(emit, value, windows);
  return emit.node("MaxPool", [input], attributes(windows, pads));
}

/** The same with the place of each: its index among the pixels of its channel, row by row; -1 where there is none. */
export function emitMaxPoolMask(emit: Emitter, value: string, windows: PoolWindows): { value: string; mask: string } {
  const { value: input, pads, size, before } = padded(emit, value, windows);
  const [top, index] = emit.nodes("MaxPool", [input], 2, attributes(windows, pads)) as [string, string];
  const [height, width] = windows.input;
  const place = emit.node("Mod", [index, emit.ints([size[0] * size[1]], [])]);
  if (pads !== undefined) return { value: top, mask: emit.node("Cast", [place], { to: FLOAT }) };
  // The index counts pixels of the padded image here: back to those of the image itself.
  const row = emit.node("Sub", [emit.node("Div", [place, emit.ints([size[1]], [])]), emit.ints([before[0]], [])]);
  const column = emit.node("Sub", [emit.node("Mod", [place, emit.ints([size[1]], [])]), emit.ints([before[1]], [])]);
  const inside = emit.node("Cast", [emit.node("Add", [emit.node("Mul", [row, emit.ints([width], [])]), column])], { to: FLOAT });
  const within = (axis: string, count: number): string => emit.node("And", [emit.node("GreaterOrEqual", [axis, emit.ints([0], [])]), emit.node("Less", [axis, emit.ints([count], [])])]);
  const isInside = emit.node("And", [within(row, height), within(column, width)]);
  return { value: top, mask: emit.node("Where", [isInside, inside, scalar(emit, -1)]) };
}

/**
 * The windows' means. Caffe divides by the size of the window clipped to image and padding: the sum over a zero-padded image,
 * divided by a map of those sizes, is exact in every runtime, where `ceil_mode` is not. A window outside gives 0 / 0.
 */
export function emitAveragePool(emit: Emitter, value: string, windows: PoolWindows): string {
  const { kernel, pad, output } = windows;
  const over = overhang(windows);
  // Windows that stay within image and padding are all of the same size.
  if (over[0] <= pad[0] && over[1] <= pad[1]) {
    const ends: Pair = [Math.max(0, over[0]), Math.max(0, over[1])];
    const pads = [...pad, ...ends];
    const plain = { kernel_shape: [...kernel], strides: [...windows.stride] };
    return emit.node("AveragePool", [value], pads.some((n) => n > 0) ? { ...plain, pads, count_include_pad: 1 } : plain);
  }
  const mean = emit.node("AveragePool", [withBorder(emit, value, windows, 0)], { kernel_shape: [...kernel], strides: [...windows.stride] });
  const along = (i: 0 | 1): number[] =>
    Array.from({ length: output[i] }, (_, n) => {
      const start = n * windows.stride[i] - pad[i];
      return Math.min(start + kernel[i], windows.input[i] + pad[i]) - start;
    });
  const [rows, columns] = [along(0), along(1)];
  const factors = rows.flatMap((height) => columns.map((width) => (kernel[0] * kernel[1]) / (height * width)));
  return emit.node("Mul", [mean, emit.floats(Float32Array.from(factors), [1, 1, ...output])]);
}

/** Stochastic pooling as Caffe does it in the TEST phase: every value weighted by itself, 0 where their sum is not positive. */
export function emitWeightedPool(emit: Emitter, value: string, windows: PoolWindows): string {
  const bordered = withBorder(emit, value, windows, 0);
  const plain = { kernel_shape: [...windows.kernel], strides: [...windows.stride] };
  const sum = emit.node("AveragePool", [bordered], plain);
  const squares = emit.node("AveragePool", [emit.node("Mul", [bordered, bordered])], plain);
  const positive = emit.node("Greater", [sum, scalar(emit, 0)]);
  return emit.node("Where", [positive, emit.node("Div", [squares, sum]), scalar(emit, 0)]);
}

/** The value ready for a MaxPool: with the operator's own `pads` where they allow it, else with a border of -FLT_MAX. */
function padded(emit: Emitter, value: string, windows: PoolWindows): { value: string; pads: number[] | undefined; size: Pair; before: Pair } {
  const { input, kernel, pad } = windows;
  const ends = overhang(windows).map((n) => Math.max(0, n)) as [number, number];
  // ONNX Runtime wants pads below the kernel size.
  if (ends[0] < kernel[0] && ends[1] < kernel[1]) return { value, pads: [...pad, ...ends], size: input, before: [0, 0] };
  const size: Pair = [input[0] + pad[0] + ends[0], input[1] + pad[1] + ends[1]];
  return { value: withBorder(emit, value, windows, -FLT_MAX), pads: undefined, size, before: pad };
}

/** The image with a border of `fill`, so wide that every window lies in it. */
function withBorder(emit: Emitter, value: string, windows: PoolWindows, fill: number): string {
  const ends = overhang(windows).map((n) => Math.max(0, n));
  const pads = [0, 0, ...windows.pad, 0, 0, ...ends];
  return pads.every((n) => n === 0) ? value : emit.node("Pad", [value, emit.ints(pads), scalar(emit, fill)]);
}

function attributes({ kernel, stride }: PoolWindows, pads: number[] | undefined) {
  return { kernel_shape: [...kernel], strides: [...stride], ...(pads?.some((n) => n > 0) === true && { pads }) };
}
