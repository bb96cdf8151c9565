import { bottomText, legacyRefusal } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { firstDimensions, loss, twoBottoms } from "./loss.ts";
import { sumAll, times } from "./onnx.ts";
import { differ, volume } from "./shape.ts";

/** EuclideanLoss: the sum of squared differences, divided by twice the batch size. Source: `euclidean_loss_layer.cpp`. */
export const euclideanLoss = loss({
  type: "EuclideanLoss",
  doc: "Half the squared distance of predictions and targets, averaged over the batch: the loss of regressions.",
  params: [],
  ...twoBottoms,
  refuse,
  // One multiply-add for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => volume(bottom!),
  onnx: (emit, layer) => {
    if (emit.losses === "deploy") {
      emit.top(0, emit.bottom(0));
      return;
    }
    const difference = emit.node("Sub", [emit.bottom(0), emit.reshape(emit.bottom(1), layer.bottoms[0]!)]);
    emit.top(0, times(emit, sumAll(emit, emit.node("Mul", [difference, difference])), 0.5 / layer.bottoms[0]![0]!));
  },
});

function refuse(layer: ShapedLayer): Refusal | undefined {
  const [a, b] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const refusal = firstDimensions(layer);
  if (refusal !== undefined) return refusal;
  if (!differ(volume(a, 1), volume(b, 1))) return legacyRefusal(layer, 0, a, "run");
  return {
    refused:
      `${layer.name} compares ${bottomText(layer, 0)} with ${bottomText(layer, 1)} value by value: they need the ` +
      "same number of values.",
    at: "bottom.1",
    caffe: checkFailed("bottom[0]->count(1) == bottom[1]->count(1)", volume(a, 1), volume(b, 1), "Inputs must have the same dimension."),
  };
}
