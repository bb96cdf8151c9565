import { legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Pair, Reach, Refusal, ShapedLayer } from "./definition.ts";
import { volume } from "./shape.ts";

const path = "interp_param";

/**
 * Interp: bilinear resizing whose corners fall on the corners of the input, which may be cropped first (negative `pad_beg`, `pad_end`).
 * The size is given as such, or by a factor between pixel centres. Source: `interp_layer.cpp`, `interp.cpp` of DeepLab and PSPNet.
 */
export const interp: LayerType = {
  type: "Interp",
  doc: "Resizes the image, bilinear, corner to corner.",
  dialects: ["deeplab-v2", "pspnet"],
  params: [path],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // Four products for each value given out.
  multiplyAdds: (_, { tops: [top] }) => 4 * volume(top ?? [NaN]),
  reach,
  onnx: (emit, layer, { tops: [top] }) => {
    const { input, crop, cropped } = sizes(layer);
    let value = layer.bottoms[0]!.length === 4 ? emit.bottom(0) : emit.reshape(emit.bottom(0), input);
    if (cropped[0] < input[2] || cropped[1] < input[3]) {
      const ends = [crop + cropped[0], crop + cropped[1]];
      value = emit.node("Slice", [value, emit.ints([crop, crop]), emit.ints(ends), emit.ints([2, 3])]);
    }
    const isSame = top![2] === cropped[0] && top![3] === cropped[1];
    const how = { mode: "linear", coordinate_transformation_mode: "align_corners" };
    emit.top(0, isSame ? value : emit.node("Resize", [value, "", "", emit.ints(top!)], how));
  },
};

interface Sizes {
  readonly input: readonly [number, number, number, number];
  /** Rows and columns that are cut off before the image. */
  readonly crop: number;
  readonly cropped: Pair;
  /** Undefined where the text gives no size. */
  readonly output: Pair | undefined;
}

function sizes(layer: ShapedLayer): Sizes {
  const param = layer.message.message(path);
  const input = legacyShape(layer.bottoms[0]!);
  const padding = param.number("pad_beg") + param.number("pad_end");
  const cropped: Pair = [input[2] + padding, input[3] + padding];
  const [shrink, zoom] = [param.has("shrink_factor"), param.has("zoom_factor")];
  const bothSides = param.has("height") && param.has("width");
  // Where both factors are given, a size wins over them.
  if ((shrink && zoom && bothSides) || (!shrink && !zoom)) {
    return { input, crop: -param.number("pad_beg"), cropped, output: bothSides ? [param.number("height"), param.number("width")] : undefined };
  }
  const resized = (size: number): number => {
    const shrunk = Math.trunc((size - 1) / param.number("shrink_factor")) + 1;
    return shrunk + (shrunk - 1) * (param.number("zoom_factor") - 1);
  };
  return { input, crop: -param.number("pad_beg"), cropped, output: [resized(cropped[0]), resized(cropped[1])] };
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const { input, cropped, output } = sizes(layer);
  const [height = NaN, width = NaN] = output ?? [];
  const possible = (size: number): number => (size > 0 ? size : NaN);
  const result = { tops: [[input[0], input[1], possible(height), possible(width)]], params: [] };
  const refusal =
    paddingRefusal(layer) ??
    legacyRefusal(layer, 0, layer.bottoms[0]!) ??
    factorRefusal(layer) ??
    (output === undefined ? { refused: `${layer.name} has no size to resize to. Give height and width, zoom_factor or shrink_factor.`, at: path } : undefined) ??
    emptyRefusal(layer, cropped, [height, width]);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function paddingRefusal(layer: ShapedLayer): Refusal | undefined {
  const param = layer.message.message(path);
  const field = ["pad_beg", "pad_end"].find((name) => param.number(name) > 0);
  if (field === undefined) return undefined;
  return {
    refused: `${layer.name} has ${field} ${param.number(field)}: it cannot pad, only crop. Use 0, or a negative number of rows and columns to cut off.`,
    at: `${path}.${field}`,
    caffe: checkFailed(`${field}_ <= 0`, param.number(field), 0, "Only supports non-pos padding (cropping) for now"),
  };
}

function factorRefusal(layer: ShapedLayer): Refusal | undefined {
  const param = layer.message.message(path);
  const both = param.has("shrink_factor") && param.has("zoom_factor");
  if (both && param.has("height") && param.has("width")) return undefined;
  const field = ["shrink_factor", "zoom_factor"].find((name) => param.has(name) && param.number(name) < 1);
  if (field === undefined) return undefined;
  const word = field === "shrink_factor" ? "Shrink" : "Zoom";
  return {
    refused: `${layer.name} has ${field} ${param.number(field)}. Use 1 or more.`,
    at: `${path}.${field}`,
    caffe: checkFailed(`${field} >= 1`, param.number(field), 1, `${word} factor must be positive`),
  };
}

function emptyRefusal(layer: ShapedLayer, cropped: Pair, output: Pair): Refusal | undefined {
  const names = ["height", "width"] as const;
  for (const [what, pair, variable] of [["crops its input to", cropped, "in_eff_"], ["would make", output, "out_"]] as const) {
    const i = pair.findIndex((size) => size <= 0);
    if (i < 0) continue;
    const name = names[i]!;
    return {
      refused: `${layer.name} ${what} ${name} ${pair[i]!}. It must be at least 1.`,
      at: what === "would make" && layer.message.message(path).has(name) ? `${path}.${name}` : path,
      caffe: checkFailed(`${name}_${variable} > 0`, pair[i]!, 0, `${name} should be positive`),
    };
  }
  return undefined;
}

/** Where pixels of one size fall on every nth of the other, a window: of a bilinear deconvolution, or of one pixel with a stride. */
function reach(layer: ShapedLayer): Reach {
  const { crop, cropped, output } = sizes(layer);
  if (output === undefined) return { kind: "whole" };
  const factor = (from: number, to: number): number => (from === to ? 1 : (to - 1) / (from - 1));
  const pair = (of: (i: 0 | 1) => number): Pair => [of(0), of(1)];
  const zoom = pair((i) => factor(cropped[i], output[i]));
  if (zoom.every((n) => Number.isInteger(n) && n >= 1)) {
    return { kind: "upsample", kernel: pair((i) => 2 * zoom[i] - 1), stride: zoom, pad: pair((i) => zoom[i] - 1 + crop * zoom[i]) };
  }
  const shrink = pair((i) => factor(output[i], cropped[i]));
  if (!shrink.every((n) => Number.isInteger(n) && n >= 1)) return { kind: "whole" };
  return { kind: "window", kernel: [1, 1], stride: shrink, pad: [0 - crop, 0 - crop], dilation: [1, 1] };
}
