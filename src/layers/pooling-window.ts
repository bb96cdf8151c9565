import { checkFailed } from "./caffe-text.ts";
import type { LayerInput, Pair, Refusal } from "./definition.ts";
import { count } from "../text/words.ts";

export type PoolMethod = "MAX" | "AVE" | "STOCHASTIC";

/** The windows of a pooling layer over rows and columns, and how many there are. */
export interface PoolWindows {
  readonly input: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly output: Pair;
}

/** What decides the windows, as the text gives it. */
export interface PoolSettings {
  readonly method: PoolMethod;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly round: "CEIL" | "FLOOR";
}

/** What a refusal names: the layer, and its fields for kernel, stride and pad. */
export interface PoolFields {
  readonly kernel: string;
  readonly stride: string;
  readonly pad: string;
}

const sides = ["height", "width"] as const;
const letters = ["h", "w"] as const;
const INT_MIN = -(2 ** 31);

/**
 * How many windows Caffe pools along rows and columns. Rounds up (the last window may hang over the edge), and with padding drops a last
 * window that would begin in the far padding. A negative size is a refusal of Caffe's, see {@link poolSizeRefusal}.
 * Source: `PoolingLayer::Reshape`.
 */
export function poolWindows(settings: PoolSettings, input: Pair): PoolWindows {
  const { kernel, stride, pad, round } = settings;
  const padded = pad[0] > 0 || pad[1] > 0;
  const along = (i: 0 | 1): number => {
    // Single precision, as in Caffe; a stride of 0 gives an infinity or NaN, which C++ casts to the smallest int.
    const steps = Math.fround(Math.fround(input[i] + 2 * pad[i] - kernel[i]) / stride[i]);
    if (stride[i] === 0) return INT_MIN + 1;
    const size = (round === "CEIL" ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return padded && (size - 1) * stride[i] >= input[i] + pad[i] ? size - 1 : size;
  };
  // The sum turns the -0 of a rounded-up fraction into 0.
  return { input, kernel, stride, pad, output: [along(0) + 0, along(1) + 0] };
}

/** How far the last windows hang over the far edges of the image, padding not counted; negative where rows or columns are left over. */
export function overhang({ input, kernel, stride, pad, output }: PoolWindows): Pair {
  const along = (i: 0 | 1): number => (output[i] - 1) * stride[i] - pad[i] + kernel[i] - input[i];
  return [along(0), along(1)];
}

/** What Caffe refuses of kernel and padding before it looks at the image. Source: `PoolingLayer::LayerSetUp`. */
export function poolSettingsRefusal(layer: LayerInput, { method, kernel, pad }: PoolSettings, fields: PoolFields): Refusal | undefined {
  const empty = kernel.indexOf(0);
  if (empty >= 0) {
    const caffe = checkFailed(`kernel_${letters[empty]}_ > 0`, 0, 0, "Filter dimensions cannot be zero.");
    return {
      refused: `${layer.name} pools windows without rows or columns. Give its kernel a size of at least 1.`,
      at: fields.kernel,
      caffe,
    };
  }
  if (pad[0] === 0 && pad[1] === 0) return undefined;
  if (method === "STOCHASTIC") {
    const [ave, max] = ["AVE", "MAX"].map((name) => `this->layer_param_.pooling_param().pool() == PoolingParameter_PoolMethod_${name}`);
    const caffe = `Check failed: ${ave} || ${max} Padding implemented only for average and max pooling.`;
    return {
      refused: `${layer.name} pads a stochastic pooling, which Caffe does for MAX and AVE only. Set pad to 0.`,
      at: fields.pad,
      caffe,
    };
  }
  const wide = ([0, 1] as const).find((i) => pad[i] >= kernel[i]);
  if (wide === undefined) return undefined;
  return {
    refused:
      `${layer.name} pads by ${pad[wide]} where its kernel has ${kernel[wide]} ${wide === 0 ? "rows" : "columns"}: ` +
      "whole windows would lie in the padding. Use a pad below the kernel size.",
    at: fields.pad,
    caffe: checkFailed(`pad_${letters[wide]}_ < kernel_${letters[wide]}_`, pad[wide], kernel[wide]),
  };
}

/** What Caffe refuses of the sizes that come out. Source: `PoolingLayer::Reshape`, `Blob::Reshape`. */
export function poolSizeRefusal(
  layer: LayerInput,
  windows: PoolWindows,
  fields: PoolFields,
  when: "load" | "run" = "load",
): Refusal | undefined {
  const i = windows.output.findIndex((size) => size < 0) as 0 | 1 | -1;
  if (i < 0) return undefined;
  const caffe = checkFailed("shape[i] >= 0", windows.output[i as 0 | 1], 0);
  if (windows.stride[i as 0 | 1] === 0) {
    return { refused: `${layer.name} has stride 0, which makes Caffe divide by zero. Use 1 or more.`, at: fields.stride, caffe, when };
  }
  const [kernel, input, pad] = [windows.kernel[i as 0 | 1], windows.input[i as 0 | 1], windows.pad[i as 0 | 1]];
  const padding = pad === 0 ? "" : ` with ${pad} of padding on both sides`;
  return {
    refused:
      `${layer.name} pools windows of ${sides[i as 0 | 1]} ${count(kernel)}, but its input has only ${input}${padding}. ` +
      "Use a smaller kernel, or a larger input.",
    at: fields.kernel,
    caffe,
    when,
  };
}
