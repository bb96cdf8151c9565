import { bottomText } from "./blob.ts";
import type { Emitter } from "./emitter.ts";
import { checkFailed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { counts, heeded, labelsOf } from "./labels.ts";
import { firstDimensions, loss, normalization, normalized, twoBottoms } from "./loss.ts";
import { sumAll } from "./onnx.ts";
import { differ, volume } from "./shape.ts";

/**
 * SigmoidCrossEntropyLoss: cross entropy of sigmoids and targets from 0 to 1, by default divided by the batch size. Source:
 * `sigmoid_cross_entropy_loss_layer.cpp`.
 */
export const sigmoidCrossEntropyLoss = loss({
  type: "SigmoidCrossEntropyLoss",
  doc: "Sigmoid and cross entropy with targets from 0 to 1: the loss of several yes-or-no answers at once.",
  params: ["loss_param", "sigmoid_param"],
  ...twoBottoms,
  refuse,
  // A sigmoid, a logarithm and a product for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => 3 * volume(bottom!),
  onnx: (emit, layer) => {
    emit.top(0, emit.losses === "deploy" ? emit.node("Sigmoid", [emit.bottom(0)]) : value(emit, layer));
  },
});

/** `max(x, 0) - x * target + log(1 + exp(-|x|))`, which is what Caffe adds up. */
function value(emit: Emitter, layer: ShapedLayer): string {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("loss_param");
  const x = emit.bottom(0);
  const targets = emit.reshape(emit.bottom(1), bottom);
  const linear = emit.node("Sub", [emit.node("Relu", [x]), emit.node("Mul", [x, targets])]);
  const all = emit.node("Add", [linear, emit.node("Softplus", [emit.node("Neg", [emit.node("Abs", [x])])])]);
  const labels = labelsOf(emit, emit.bottom(1), bottom, param.has("ignore_label") ? param.number("ignore_label") : undefined);
  const valid = counts(emit, labels);
  const total = sumAll(emit, heeded(emit, all, labels));
  return normalized(
    emit,
    total,
    normalization(layer, "BATCH_SIZE"),
    bottom[0]!,
    volume(bottom, 1),
    valid === undefined ? undefined : sumAll(emit, valid),
  );
}

function refuse(layer: ShapedLayer): Refusal | undefined {
  const [scores, targets] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const refusal = firstDimensions(layer);
  if (refusal !== undefined || !differ(volume(scores), volume(targets))) return refusal;
  return {
    refused:
      `${layer.name} compares ${bottomText(layer, 0)} with ${bottomText(layer, 1)} value by value: they need the ` +
      "same number of values.",
    at: "bottom.1",
    caffe: checkFailed(
      "bottom[0]->count() == bottom[1]->count()",
      volume(scores),
      volume(targets),
      "SIGMOID_CROSS_ENTROPY_LOSS layer inputs must have the same count.",
    ),
  };
}
