import type { Emitter } from "./emitter.ts";
import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { secondRefusal } from "./in-place.ts";
import { counts, heeded, labelRefusal, labelsOf, oneHot } from "./labels.ts";
import { asFloat, plus, scalar, sumAll, sumAlong } from "./onnx.ts";
import { canonicalAxis, shapeText, volume } from "./shape.ts";

/**
 * Accuracy: the share of labels among the `top_k` best scores, and for each class with a second top. A score equal to that of the
 * label counts as better. Source: `accuracy_layer.cpp`.
 */
export const accuracy: LayerType = {
  type: "Accuracy",
  doc: "The share of items whose label is among the best scores.",
  params: ["accuracy_param"],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 2 },
  inPlace: "wrong",
  role: "measure",
  shapes: accuracyShapes,
  shapesUnknown: ({ topNames }) => ({ tops: topNames.map((_, i) => (i === 0 ? [] : undefined)), params: [] }),
  reach: () => ({ kind: "none" }),
  onnx: (emit, layer) => {
    write(emit, layer);
  },
};

function write(emit: Emitter, layer: ShapedLayer): void {
  const param = layer.message.message("accuracy_param");
  const bottom = layer.bottoms[0]!;
  const axis = canonicalAxis(param.number("axis"), bottom.length)!;
  const [outer, classes, inner] = [volume(bottom, 0, axis), bottom[axis]!, volume(bottom, axis + 1)];
  const scores = emit.reshape(emit.bottom(0), [outer, classes, inner]);
  const labels = labelsOf(emit, emit.bottom(1), [outer, 1, inner], param.has("ignore_label") ? param.number("ignore_label") : undefined);
  const own = emit.node("GatherElements", [scores, labels.ids], { axis: 1 });
  // The label's own score is among those at least as good.
  const better = sumAlong(emit, asFloat(emit, emit.node("GreaterOrEqual", [scores, own])), 1);
  const right = asFloat(emit, emit.node("LessOrEqual", [emit.reshape(better, [outer, 1, inner]), scalar(emit, param.number("top_k"))]));
  const hits = heeded(emit, right, labels);
  const weights = counts(emit, labels);
  const total = weights === undefined ? scalar(emit, outer * inner) : emit.node("Max", [sumAll(emit, weights), scalar(emit, 1)]);
  emit.top(0, emit.node("Div", [sumAll(emit, hits), total]));
  if (layer.topNames.length < 2) return;
  const members = oneHot(emit, labels.ids, classes, 1, 3);
  const perClass = (mask: string): string => emit.node(
    "ReduceSum",
    [emit.node("Mul", [members, mask]), emit.ints([0, 2])],
    { keepdims: 0 },
  );
  const all = perClass(weights ?? plus(emit, emit.node("Mul", [right, scalar(emit, 0)]), 1));
  emit.top(1, emit.node("Div", [perClass(hits), emit.node("Max", [all, scalar(emit, 1)])]));
}

function accuracyShapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [scores, labels] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const param = layer.message.message("accuracy_param");
  const axis = canonicalAxis(param.number("axis"), scores.length);
  const classes = axis === undefined ? NaN : scores[axis]!;
  // SegNet's Caffe gives the accuracy of each class as a blob of four axes.
  const perClass = layer.dialect === "segnet" ? [classes, 1, 1, 1] : [classes];
  const shapes = { tops: layer.topNames.map((_, i) => (i === 0 ? [] : perClass)), params: [] };
  const refusal =
    topKRefusal(layer, param.number("top_k")) ??
    axisRefusal(layer, param.number("axis")) ??
    labelRefusal(layer, axis!, "label") ??
    secondRefusal(layer, [], accuracyShapes);
  if (volume(labels) === 0) {
    return {
      refused: `${layer.name} has no labels ('${layer.bottomNames[1]!}': ${shapeText(labels)}): Caffe divides by their number and crashes.`,
      at: "bottom.1",
      shapes,
    };
  }
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

function axisRefusal(layer: ShapedLayer, axis: number): Refusal | undefined {
  const index = axisOf(layer, axis, layer.bottoms[0]!, "accuracy_param.axis");
  return typeof index === "number" ? undefined : index;
}

function topKRefusal(layer: ShapedLayer, k: number): Refusal | undefined {
  const classes = Math.trunc(volume(layer.bottoms[0]!) / volume(layer.bottoms[1]!));
  if (!(k > classes)) return undefined;
  return {
    refused:
      `${layer.name} counts the ${k} best of ${classes} classes ('${layer.bottomNames[0]!}' holds ${classes} values ` +
      "for each label). Lower top_k, or check the labels' shape.",
    at: "accuracy_param.top_k",
    caffe: checkFailed(
      "top_k_ <= bottom[0]->count() / bottom[1]->count()",
      k,
      classes,
      "top_k must be less than or equal to the number of classes.",
    ),
  };
}
