import type { Emitter } from "./emitter.ts";
import { checkFailed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { engineRefusal } from "./engine.ts";
import { counts, heeded, labelRefusal, labelsOf } from "./labels.ts";
import { firstDimensions, loss, normalization, normalized, safeLog } from "./loss.ts";
import { sumAll } from "./onnx.ts";
import { canonicalAxis, volume } from "./shape.ts";
import { softmaxRefusal } from "./softmax.ts";

/** The smallest probability whose logarithm the loss takes. Source: `FLT_MIN` in `softmax_loss_layer.cpp`. */
const FLT_MIN = 1.17549435e-38;

/**
 * SoftmaxWithLoss: the mean of `-log(softmax(x)[label])`. Its inner Softmax inherits `loss_weight`, so that two tops never work.
 * Source: `softmax_loss_layer.cpp`.
 */
export const softmaxWithLoss = loss({
  type: "SoftmaxWithLoss",
  doc: "Softmax and the negative logarithm of the label's probability, averaged: the usual loss of classifiers.",
  params: ["softmax_param", "loss_param"],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 2 },
  refuse,
  moreTops: (layer) => [[...layer.bottoms[0]!]],
  // As Softmax, and one logarithm for each label.
  multiplyAdds: ({ bottoms }) => 3 * volume(bottoms[0]!) + volume(bottoms[1]!),
  onnx: (emit, layer) => {
    const axis = axisIn(layer)!;
    const probabilities = emit.node("Softmax", [emit.bottom(0)], { axis });
    emit.top(0, emit.losses === "deploy" ? probabilities : value(emit, layer, probabilities, axis));
    if (layer.topNames.length > 1) emit.top(1, probabilities);
  },
});

function axisIn(layer: ShapedLayer): number | undefined {
  return canonicalAxis(layer.message.message("softmax_param").number("axis"), layer.bottoms[0]!.length);
}

function value(emit: Emitter, layer: ShapedLayer, probabilities: string, axis: number): string {
  const bottom = layer.bottoms[0]!;
  const [outer, classes, inner] = [volume(bottom, 0, axis), bottom[axis]!, volume(bottom, axis + 1)];
  const param = layer.message.message("loss_param");
  const labels = labelsOf(emit, emit.bottom(1), [outer, 1, inner], param.has("ignore_label") ? param.number("ignore_label") : undefined);
  const own = emit.node("GatherElements", [emit.reshape(probabilities, [outer, classes, inner]), labels.ids], { axis: 1 });
  const losses = heeded(emit, emit.node("Neg", [safeLog(emit, own, FLT_MIN)]), labels);
  const valid = counts(emit, labels);
  return normalized(
    emit,
    sumAll(emit, losses),
    normalization(layer, "VALID"),
    outer,
    inner,
    valid === undefined ? undefined : sumAll(emit, valid),
  );
}

function refuse(layer: ShapedLayer): Refusal | undefined {
  const axis = layer.message.message("softmax_param").number("axis");
  return engineRefusal(layer, "softmax_param") ??
    softmaxRefusal(layer, axis, "softmax_param.axis") ??
    innerWeights(layer) ??
    firstDimensions(layer) ??
    labelRefusal(layer, axisIn(layer)!, "softmax");
}

function innerWeights(layer: ShapedLayer): Refusal | undefined {
  const weights = layer.message.size("loss_weight");
  // Another number than that of the tops is refused for every type alike.
  if (weights < 2 || weights !== layer.topNames.length) return undefined;
  return {
    refused:
      `${layer.name} gives loss_weight ${weights} times. Its inner Softmax inherits them for its one top and ` +
      "refuses. Take one top and one loss_weight; for the probabilities, add a Softmax layer.",
    at: "loss_weight.1",
    caffe: checkFailed("top.size() == num_loss_weights", 1, weights, "loss_weight must be unspecified or specified once per top blob."),
  };
}
