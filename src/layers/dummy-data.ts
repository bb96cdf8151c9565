import type { Message } from "../prototxt/message.ts";
import type { Emitter } from "./emitter.ts";
import { shapeGuess, shapeIn, shapeRefusal } from "./blob-shape.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { counted } from "../text/words.ts";
import { fillerRefusal } from "./fillers.ts";
import { scalar } from "./onnx.ts";
import { isComplete, type Shape } from "./shape.ts";

/**
 * DummyData: blobs from fillers. Constant ones are filled as the layer is set up, others anew at every run.
 * Shapes are given once for all tops or once for each, also as the older num, channels, height and width. Source: `dummy_data_layer.cpp`.
 */
export const dummyData: LayerType = {
  type: "DummyData",
  doc: "Blobs filled with a constant or random numbers.",
  params: ["dummy_data_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1 },
  role: "data",
  shapes,
  reach: () => ({ kind: "none" }),
  // A top that is not written here becomes an input: random numbers are nothing to export.
  onnx: (emit, layer, { tops }) => {
    tops.forEach((shape, i) => {
      const value = constant(emit, fillerOf(layer, i), shape!);
      if (value !== undefined) emit.top(i, value);
    });
  },
};

const legacyFields = ["num", "channels", "height", "width"] as const;

function paramOf(layer: ShapedLayer): Message {
  return layer.message.message("dummy_data_param");
}

/** The filler of a top; undefined where none is given, which is a constant 0. */
function fillerOf(layer: ShapedLayer, top: number): Message | undefined {
  const fillers = paramOf(layer).messages("data_filler");
  return fillers[fillers.length === 1 ? 0 : top];
}

function constant(emit: Emitter, filler: Message | undefined, shape: Shape): string | undefined {
  const type = filler?.text("type") ?? "constant";
  if (type === "constant") return emit.node("Expand", [scalar(emit, filler?.number("value") ?? 0), emit.ints(shape)]);
  return type === "bilinear" ? emit.node("Expand", [bilinear(emit, shape[3]!), emit.ints(shape)]) : undefined;
}

/** One plane of bilinear weights. Source: `BilinearFiller` in `filler.hpp`. */
function bilinear(emit: Emitter, size: number): string {
  const half = Math.ceil(size / 2);
  const centre = (size - 1) / (2 * half);
  const side = Array.from({ length: size }, (_, i) => 1 - Math.abs(i / half - centre));
  return emit.floats(side.flatMap((y) => side.map((x) => x * y)), [1, 1, size, size]);
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const param = paramOf(layer);
  const tops = layer.topNames.map((_, i) => topShape(param, i));
  const shapes = { tops: tops.map((shape) => shape && shapeGuess(shape)), params: [] };
  const refusal = countRefusal(layer) ?? unknownFiller(layer) ?? givenShapes(layer) ?? fillRefusal(layer, shapes.tops);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

function topShape(param: Message, top: number): Shape | undefined {
  const pick = <T>(values: readonly T[]): T | undefined => values[values.length === 1 ? 0 : top];
  if (legacyFields.some((field) => param.has(field))) return legacyFields.map((field) => pick(param.numbers(field)) ?? NaN);
  const shape = pick(param.messages("shape"));
  return shape === undefined ? undefined : shapeIn(shape);
}

function givenShapes(layer: ShapedLayer): Refusal | undefined {
  const found = paramOf(layer).messages("shape").map((shape, i) => shapeRefusal(layer, shapeIn(shape), `dummy_data_param.shape.${i}`));
  return found.find((refusal) => refusal !== undefined);
}

function countRefusal(layer: ShapedLayer): Refusal | undefined {
  const param = paramOf(layer);
  const tops = layer.topNames.length;
  const fillers = param.size("data_filler");
  const advice = `Give one for all, or one for each of its ${counted(tops, "top")}.`;
  if (![0, 1, tops].includes(fillers)) {
    return {
      refused: `${layer.name} has ${counted(fillers, "data_filler")}. ${advice}`,
      at: "dummy_data_param.data_filler",
      caffe:
        "Check failed: num_data_filler == 0 || num_data_filler == 1 || num_data_filler == num_top Number of data " +
        `fillers must be 0, 1 or equal to the number of tops: ${tops}; you specified ${fillers} data fillers.`,
    };
  }
  const legacy = legacyFields.filter((field) => param.has(field));
  if (legacy.length > 0 && param.has("shape")) {
    const caffe = checkFailed("0 == param.shape_size()", 0, param.size("shape"), "Both shape and legacy fields were specified");
    return { refused: `${layer.name} gives both 'shape' and '${legacy[0]!}'. Keep 'shape'.`, at: `dummy_data_param.${legacy[0]!}`, caffe };
  }
  for (const field of legacy.length > 0 ? legacyFields : (["shape"] as const)) {
    const given = param.size(field);
    if (given === 1 || given === tops) continue;
    return {
      refused: given === 0 ? `${layer.name} needs '${field}'. ${advice}` : `${layer.name} gives '${field}' ${given} times. ${advice}`,
      at: given === 0 ? "dummy_data_param" : `dummy_data_param.${field}`,
      caffe:
        `Check failed: param.${field}_size() == 1 || param.${field}_size() == num_top Must specify '${field}' once, or ` +
        `once per top blob (${tops}); specified ${given}.`,
    };
  }
  return undefined;
}

function unknownFiller(layer: ShapedLayer): Refusal | undefined {
  const fillers = paramOf(layer).messages("data_filler");
  const found = fillers.map((filler, i) => fillerRefusal(layer, filler, [1], `dummy_data_param.data_filler.${i}`, "top"));
  return found.find((refusal) => refusal?.caffe?.includes("Unknown filler name"));
}

/** Constant fillers run as the layer is set up; what others refuse shows at the first run. */
function fillRefusal(layer: ShapedLayer, tops: readonly (Shape | undefined)[]): Refusal | undefined {
  const found = tops.flatMap((shape, i) => {
    if (!isComplete(shape)) return [];
    const filler = fillerOf(layer, i) ?? paramOf(layer).message("data_filler");
    const index = paramOf(layer).size("data_filler") === 1 ? 0 : i;
    const refusal = fillerRefusal(layer, filler, shape, `dummy_data_param.data_filler.${index}`, `top '${layer.topNames[i]!}'`);
    if (refusal === undefined) return [];
    return [filler.text("type") === "constant" ? refusal : { ...refusal, when: "run" as const }];
  });
  return found.find((refusal) => refusal.when !== "run") ?? found[0];
}
