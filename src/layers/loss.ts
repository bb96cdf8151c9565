import { bottomText } from "./blob.ts";
import type { Emitter } from "./emitter.ts";
import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { counted } from "../text/words.ts";
import { scalar } from "./onnx.ts";
import { differ, type Shape } from "./shape.ts";

/** What tells one loss from another. */
export type LossRule = Pick<LayerType, "type" | "doc" | "params" | "onnx" | "bottoms" | "tops" | "dialects" | "multiplyAdds"> & {
  /** What Caffe refuses beside the bottoms' first dimensions, in Caffe's order; calls `firstDimensions` in its place. */
  readonly refuse: (layer: ShapedLayer) => Refusal | undefined;
  /** The tops after the loss itself. */
  readonly moreTops?: (layer: ShapedLayer) => Shape[];
  /** When Caffe trips over a loss in place: as it loads (the default), or as it runs. */
  readonly inPlaceFails?: "load" | "run";
};

/** A loss: a scalar top, made by Caffe where none is written. Source: `loss_layer.cpp`. */
export function loss(rule: LossRule): LayerType {
  const { refuse, moreTops, inPlaceFails = "load", ...type } = rule;
  return {
    ...type,
    inPlace: "wrong",
    role: "loss",
    autoTop: true,
    shapes: (layer): LayerShapes | Refusal => {
      const shapes = { tops: [[], ...(moreTops?.(layer) ?? [])].slice(0, Math.max(1, layer.topNames.length)), params: [] };
      const refusal = refuse(layer) ?? overwritten(layer, inPlaceFails) ?? lossWeights(layer);
      return refusal === undefined ? shapes : { ...refusal, shapes };
    },
    shapesUnknown: ({ topNames }) => ({ tops: topNames.map((_, i) => (i === 0 ? [] : undefined)), params: [] }),
    reach: () => ({ kind: "none" }),
  };
}

/** One bottom of scores or predictions and one of labels or targets; one top. */
export const twoBottoms = { bottoms: { min: 2, max: 2 }, tops: { min: 1, max: 1 } } as const;

/** Why Caffe refuses predictions and labels of different batch size. Source: `LossLayer::Reshape`. */
export function firstDimensions(layer: ShapedLayer): Refusal | undefined {
  const [a, b] = [layer.bottoms[0]!, layer.bottoms[1]!];
  for (const [i, shape] of [a, b].entries()) {
    const axis = axisOf(layer, 0, shape, `bottom.${i}`);
    if (typeof axis !== "number") return axis;
  }
  if (!differ(a[0], b[0])) return undefined;
  return {
    refused: `${layer.name} compares ${bottomText(layer, 0)} with ${bottomText(layer, 1)}: their first dimensions must be equal.`,
    at: "bottom.1",
    caffe: checkFailed(
      "bottom[0]->shape(0) == bottom[1]->shape(0)",
      a[0]!,
      b[0]!,
      "The data and label should have the same first dimension.",
    ),
  };
}

/** A loss in place makes a scalar of the blob that it reads. */
function overwritten(layer: ShapedLayer, when: "load" | "run"): Refusal | undefined {
  if (layer.topNames[0] !== layer.bottomNames[0]) return undefined;
  return {
    refused:
      `${layer.name} would put its loss, a single number, in place of '${layer.bottomNames[0]!}', which it reads. ` +
      "Give its top a name of its own.",
    at: "top.0",
    when,
  };
}

/** Caffe gives a loss without `loss_weight` one weight of 1, which is too few for two tops. Source: `LossLayer::LayerSetUp`. */
function lossWeights(layer: ShapedLayer): Refusal | undefined {
  const tops = layer.topNames.length;
  if (layer.message.has("loss_weight") || tops < 2) return undefined;
  return {
    refused:
      `${layer.name} has ${counted(tops, "top")} but no loss_weight, which Caffe takes for a single one. Give ` +
      "loss_weight for each top: 1 for the loss, 0 for the others.",
    at: "top.1",
    caffe: checkFailed("top.size() == num_loss_weights", tops, 1, "loss_weight must be unspecified or specified once per top blob."),
  };
}

/** What a loss is divided by. Source: `LossParameter.NormalizationMode`. */
export type Normalization = "FULL" | "VALID" | "BATCH_SIZE" | "NONE";

/** The normalization a layer asks for: `normalization`, the older `normalize`, or what its type has otherwise. */
export function normalization(layer: ShapedLayer, otherwise: Normalization): Normalization {
  const param = layer.message.message("loss_param");
  if (param.has("normalization")) return param.text("normalization") as Normalization;
  if (param.has("normalize")) return param.bool("normalize") ? "VALID" : "BATCH_SIZE";
  return otherwise;
}

/**
 * The sum of losses divided as Caffe does, by at least 1. `outer` and `inner` are the places before and after the class axis,
 * `valid` the value that counts the labels that are not ignored, undefined where all count.
 */
export function normalized(
  emit: Emitter,
  total: string,
  mode: Normalization,
  outer: number,
  inner: number,
  valid: string | undefined,
): string {
  if (mode === "VALID" && valid !== undefined) return emit.node("Div", [total, emit.node("Max", [valid, scalar(emit, 1)])]);
  const by = mode === "NONE" ? 1 : mode === "BATCH_SIZE" ? outer : outer * inner;
  return by <= 1 ? total : emit.node("Div", [total, scalar(emit, by)]);
}

/** The logarithm of a probability, kept away from 0. */
export function safeLog(emit: Emitter, probability: string, least: number): string {
  return emit.node("Log", [emit.node("Max", [probability, scalar(emit, least)])]);
}

/** The smallest probability that older losses take. Source: `kLOG_THRESHOLD` in `loss_layer.hpp`. */
export const LOG_THRESHOLD = 1e-20;
