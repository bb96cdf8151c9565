import { axisOf, checkFailed } from "./caffe-text.ts";
import type { Pair, Refusal, ShapedLayer } from "./definition.ts";
import { shapeText, type Shape } from "./shape.ts";
import type { Message } from "../prototxt/message.ts";
import { counted } from "../text/words.ts";

/** The window of a Convolution, Deconvolution or Im2col: one number for each spatial axis. */
export interface Window {
  /** The axis of the channels; the spatial axes follow it. */
  readonly axis: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: readonly number[];
  readonly dilation: readonly number[];
}

const path = "convolution_param";
/** The fields of each: for rows, for columns, and the list. */
const words = {
  kernel: { h: "kernel_h", w: "kernel_w", list: "kernel_size" },
  stride: { h: "stride_h", w: "stride_w", list: "stride" },
  pad: { h: "pad_h", w: "pad_w", list: "pad" },
  dilation: { list: "dilation" },
} as const;

/**
 * The window as `convolution_param` gives it, for a bottom of any number of axes, or why Caffe refuses it.
 * Im2col wants at least one spatial axis. Source: `BaseConvolutionLayer::LayerSetUp`, `Im2colLayer::LayerSetUp`.
 */
export function readWindow(layer: ShapedLayer, kind: "convolution" | "im2col" = "convolution"): Window | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(path);
  // SegNet's Caffe has no `axis`: its channels are axis 1.
  const axis = axisOf(layer, param.schema.fields.has("axis") ? param.number("axis") : 1, bottom, `${path}.axis`);
  if (typeof axis !== "number") return axis;
  const axes = bottom.length - axis - 1;
  if (kind === "im2col" && axes < 1) {
    return {
      refused: `${layer.name} needs rows or columns behind axis ${axis}, but its input (${shapeText(bottom)}) ends there.`,
      at: "bottom.0",
      caffe: checkFailed("num_spatial_axes_ >= 1", axes, 1),
    };
  }
  const end = kind === "im2col" ? ";" : ".";
  const kernel = readKernel(layer, param, axes, end);
  if ("refused" in kernel) return kernel;
  const stride = readPairOrList(layer, param, "stride", axes, end, 1);
  if ("refused" in stride) return stride;
  const zero = param.has("stride_h") || param.has("stride_w") ? -1 : stride.findIndex((n) => n === 0);
  if (zero >= 0) {
    const caffe = checkFailed("stride_data[i] > 0", 0, 0, "Stride dimensions must be nonzero.");
    return { refused: `${layer.name} has stride 0. Use 1 or more.`, at: `${path}.stride`, caffe };
  }
  const pad = readPairOrList(layer, param, "pad", axes, end, 0);
  if ("refused" in pad) return pad;
  const dilation = readList(layer, param, "dilation", axes, ".", 1);
  if ("refused" in dilation) return dilation;
  return { axis, kernel, stride, pad, dilation };
}

/** Rows or columns that a kernel spans with its dilation. */
export function extent(window: Window, i: number): number {
  return window.dilation[i]! * (window.kernel[i]! - 1) + 1;
}

/** The window over rows and columns of a 4-d blob, or undefined where the spatial axes are others. */
export function overImage(window: Window, bottom: Shape): { kernel: Pair; stride: Pair; pad: Pair; dilation: Pair } | undefined {
  if (bottom.length !== 4 || window.axis !== 1) return undefined;
  const pair = (values: readonly number[]): Pair => [values[0]!, values[1]!];
  return { kernel: pair(window.kernel), stride: pair(window.stride), pad: pair(window.pad), dilation: pair(window.dilation) };
}

function readKernel(layer: ShapedLayer, param: Message, axes: number, end: string): readonly number[] | Refusal {
  const kernel = readPairOrList(layer, param, "kernel", axes, end, undefined);
  if ("refused" in kernel || kernel.every((n) => n > 0)) return kernel;
  const given = (["kernel_h", "kernel_w"] as const).filter((field) => param.has(field));
  const advice =
    given.length === 1
      ? `gives ${given[0]!} alone; the other side counts as 0. Give both kernel_h and kernel_w, or kernel_size`
      : "has a kernel of size 0. Give it at least 1 row and column";
  return {
    refused: `${layer.name} ${advice}.`,
    at: `${path}.${given[0] ?? "kernel_size"}`,
    caffe: checkFailed("kernel_shape_data[i] > 0", 0, 0, "Filter dimensions must be nonzero."),
  };
}

/** `stride_h` and `stride_w`, or the list `stride`. One of the two alone leaves the other at 0. */
function readPairOrList(
  layer: ShapedLayer,
  param: Message,
  what: "kernel" | "stride" | "pad",
  axes: number,
  end: string,
  missing: number | undefined,
) {
  const { h, w, list } = words[what];
  if (!param.has(h) && !param.has(w)) return readList(layer, param, what, axes, end, missing);
  const given = param.has(h) ? h : w;
  if (axes !== 2) {
    return {
      refused:
        `${layer.name} gives ${given}, which is for rows and columns, but it works on ${counted(axes, "axis", "axes")}. Use ${list}.`,
      at: `${path}.${given}`,
      caffe: checkFailed("num_spatial_axes_ == 2", axes, 2, `${h} & ${w} can only be used for 2D convolution.`),
    };
  }
  if (param.has(list)) {
    return {
      refused: `${layer.name} gives both ${list} and ${given}. Keep one of the two.`,
      at: `${path}.${list}`,
      caffe: checkFailed(`0 == conv_param.${list}_size()`, 0, param.size(list), `Either ${list} or ${h}/w should be specified; not both.`),
    };
  }
  return [param.number(h), param.number(w)];
}

/** A list with one number for all axes, or one for each; `missing` where there is none. */
function readList(
  layer: ShapedLayer,
  param: Message,
  what: keyof typeof words,
  axes: number,
  end: string,
  missing: number | undefined,
): readonly number[] | Refusal {
  const name = words[what].list;
  const values = param.numbers(name);
  if (values.length === axes) return values;
  if (values.length === 1) return Array.from({ length: axes }, () => values[0]!);
  if (values.length === 0 && missing !== undefined) return Array.from({ length: axes }, () => missing);
  const variable = `num_${what}_dims`;
  const check = `${missing === undefined ? "" : `${variable} == 0 || `}${variable} == 1 || ${variable} == num_spatial_axes_`;
  const count = `(${name} specified ${values.length} times; ${axes} spatial dims)${end}`;
  const problem =
    values.length === 0
      ? `has no ${name}`
      : `gives ${name} ${values.length} times for ${counted(axes, "spatial axis", "spatial axes")}`;
  return {
    refused: `${layer.name} ${problem}. Give it once, or once for each of the ${axes}.`,
    at: `${path}.${name}`,
    caffe: `Check failed: ${check} ${name} must be specified once, or once per spatial dimension ${count}`,
  };
}
