import type { Message } from "../prototxt/message.ts";
import { Failure } from "../text/failure.ts";
import { legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";

/**
 * PriorBox: boxes of several sizes and aspect ratios around every position of a feature map, and their variances. Source:
 * `prior_box_layer.cpp` of SSD.
 */
export const priorBox: LayerType = {
  type: "PriorBox",
  doc: "The default boxes of SSD around each position of a feature map.",
  dialects: ["ssd", "nvidia", "intel", "mobilenet-yolo"],
  params: ["prior_box_param"],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  shapes,
  reach: () => ({ kind: "none" }),
  onnx: (emit, layer, { tops: [top] }) => {
    const boxes = boxesOf(layer);
    const variances = variancesOf(layer.message.message("prior_box_param"));
    emit.top(0, emit.floats(Float32Array.from([...boxes, ...boxes.map((_, i) => variances[i % variances.length]!)]), top!));
  },
};

/** The aspect ratios: 1, then those given (and their inverses) that are new. */
function ratiosOf(param: Message): number[] {
  const ratios = [1];
  for (const ratio of param.numbers("aspect_ratio")) {
    if (ratios.some((known) => Math.abs(ratio - known) < 1e-6)) continue;
    ratios.push(ratio, ...(param.bool("flip") ? [1 / ratio] : []));
  }
  return ratios;
}

function variancesOf(param: Message): number[] {
  return param.has("variance") ? param.numbers("variance") : [0.1];
}

/** A height and width given together or as one number; undefined where neither is. */
function pairOf(param: Message, both: string, height: string, width: string): readonly [number, number] | undefined {
  if (param.has(height) || param.has(width)) return [param.number(height), param.number(width)];
  return param.has(both) ? [param.number(both), param.number(both)] : undefined;
}

function boxesOf(layer: ShapedLayer): number[] {
  const param = layer.message.message("prior_box_param");
  const [, , rows, columns] = legacyShape(layer.bottoms[0]!);
  const [, , imageHeight, imageWidth] = legacyShape(layer.bottoms[1]!);
  const [height, width] = pairOf(param, "img_size", "img_h", "img_w") ?? [imageHeight, imageWidth];
  const [stepY, stepX] = pairOf(param, "step", "step_h", "step_w") ?? [height / rows, width / columns];
  if (rows * columns > 1e6) throw new Failure(
    "bad-net",
    `${layer.name} makes boxes for ${rows} x ${columns} positions, too many for a constant`,
  );
  const sizes = sizesOf(param);
  const offset = param.number("offset");
  const limit = (x: number): number => (param.bool("clip") ? Math.min(Math.max(x, 0), 1) : x);
  return Array.from({ length: rows * columns }, (_, place) => {
    const [y, x] = [(Math.floor(place / columns) + offset) * stepY, ((place % columns) + offset) * stepX];
    return sizes.flatMap(([h, w]) => [(x - w / 2) / width, (y - h / 2) / height, (x + w / 2) / width, (y + h / 2) / height].map(limit));
  }).flat();
}

/** Heights and widths of the boxes of a position, in Caffe's order. Sizes are cut to whole pixels. */
function sizesOf(param: Message): (readonly [number, number])[] {
  const others = ratiosOf(param).filter((ratio) => Math.abs(ratio - 1) >= 1e-6);
  const largest = param.numbers("max_size").map(Math.trunc);
  return param.numbers("min_size").map(Math.trunc).flatMap((size, i) => {
    const middle = largest[i] === undefined ? size : Math.sqrt(size * largest[i]);
    const square = [[size, size] as const, ...(largest[i] === undefined ? [] : [[middle, middle] as const])];
    return [...square, ...others.map((ratio) => [middle / Math.sqrt(ratio), middle * Math.sqrt(ratio)] as const)];
  });
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const [, , rows, columns] = legacyShape(bottom);
  const param = layer.message.message("prior_box_param");
  const each = ratiosOf(param).length * param.size("min_size") + param.size("max_size");
  const count = rows * columns * each * 4;
  const refusal = sizeRefusal(layer, param) ?? varianceRefusal(layer, param) ?? legacyRefusal(layer, 0, bottom);
  const shapes = { tops: [[1, 2, refusal === undefined ? count : NaN]], params: [] };
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

function sizeRefusal(layer: ShapedLayer, param: Message): Refusal | undefined {
  const [smallest, largest] = [param.numbers("min_size"), param.numbers("max_size")];
  const at = (field: string): string => `prior_box_param.${field}`;
  if (smallest.length === 0) {
    return {
      refused: `${layer.name} needs min_size: the side of its boxes.`,
      at: "prior_box_param",
      caffe: checkFailed("prior_box_param.min_size_size() > 0", 0, 0, "must provide min_size."),
    };
  }
  const flat = smallest.findIndex((size) => size <= 0);
  if (flat >= 0) {
    return {
      refused: `${layer.name} has min_size ${smallest[flat]!}; it must be above 0.`,
      at: at(`min_size.${flat}`),
      caffe: checkFailed("min_sizes_.back() > 0", smallest[flat]!, 0, "min_size must be positive."),
    };
  }
  if (largest.length > 0 && largest.length !== smallest.length) {
    const caffe = checkFailed("prior_box_param.min_size_size() == prior_box_param.max_size_size()", smallest.length, largest.length);
    return {
      refused: `${layer.name} has ${smallest.length} min_size and ${largest.length} max_size. Give one of each for each size.`,
      at: at("max_size"),
      caffe,
    };
  }
  const small = largest.findIndex((size, i) => size <= smallest[i]!);
  if (small < 0) return undefined;
  const caffe = checkFailed("max_sizes_[i] > min_sizes_[i]", largest[small]!, smallest[small]!, "max_size must be greater than min_size.");
  return {
    refused: `${layer.name} has max_size ${largest[small]!} for min_size ${smallest[small]!}; it must be above it.`,
    at: at(`max_size.${small}`),
    caffe,
  };
}

function varianceRefusal(layer: ShapedLayer, param: Message): Refusal | undefined {
  const variances = param.numbers("variance");
  if (variances.length > 1 && variances.length !== 4) {
    return {
      refused: `${layer.name} has ${variances.length} variances. Give one, or four.`,
      at: "prior_box_param.variance",
      caffe: checkFailed("prior_box_param.variance_size() == 4", variances.length, 4),
    };
  }
  for (const [both, height, width] of [["img_size", "img_h", "img_w"], ["step", "step_h", "step_w"]] as const) {
    if (!param.has(both) || !(param.has(height) || param.has(width))) continue;
    const caffe = `Check failed: !prior_box_param.has_${both}() Either ${both} or ${height}/${width} should be specified; not both.`;
    return { refused: `${layer.name} gives both ${both} and ${height} or ${width}. Keep one way.`, at: `prior_box_param.${both}`, caffe };
  }
  return undefined;
}
