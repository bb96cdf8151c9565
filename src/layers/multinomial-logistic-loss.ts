import { bottomText, legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { firstLabels } from "./hinge-loss.ts";
import { labelsOf } from "./labels.ts";
import { firstDimensions, LOG_THRESHOLD, loss, safeLog, twoBottoms } from "./loss.ts";
import { sumAll, times } from "./onnx.ts";
import { differ, volume } from "./shape.ts";

/** MultinomialLogisticLoss: the mean of `-log(p[label])` for probabilities p. Source: `multinomial_logistic_loss_layer.cpp`. */
export const multinomialLogisticLoss = loss({
  type: "MultinomialLogisticLoss",
  doc: "The negative logarithm of the label's probability, averaged; its input is probabilities.",
  params: ["loss_param"],
  ...twoBottoms,
  inPlaceFails: "run",
  refuse: (layer) => firstDimensions(layer) ?? singleLabels(layer, 1) ?? legacyRefusal(layer, 0, layer.bottoms[0]!, "run"),
  // One logarithm for each item.
  multiplyAdds: ({ bottoms: [bottom] }) => bottom![0] ?? 1,
  onnx: (emit, layer) => {
    if (emit.losses === "deploy") {
      emit.top(0, emit.bottom(0));
      return;
    }
    const bottom = layer.bottoms[0]!;
    const items = bottom[0]!;
    const { ids } = labelsOf(emit, firstLabels(emit, layer, items), [items, 1], undefined);
    const own = emit.node("GatherElements", [emit.reshape(emit.bottom(0), [items, volume(bottom, 1)]), ids], { axis: 1 });
    emit.top(0, times(emit, sumAll(emit, safeLog(emit, own, LOG_THRESHOLD)), -1 / items));
  },
});

/** Why Caffe refuses a bottom that does not hold one number for each item. */
export function singleLabels(layer: ShapedLayer, bottom: number): Refusal | undefined {
  const shape = layer.bottoms[bottom]!;
  const legacy = legacyRefusal(layer, bottom, shape);
  if (legacy !== undefined) return legacy;
  const wide = [1, 2, 3].find((axis) => differ(legacyShape(shape)[axis], 1));
  if (wide === undefined) return undefined;
  return {
    refused: `${layer.name} takes one label for each item from ${bottomText(layer, bottom)}: all its dimensions but the first must be 1.`,
    at: `bottom.${bottom}`,
    caffe: checkFailed(`bottom[${bottom}]->${["num", "channels", "height", "width"][wide]!}() == 1`, legacyShape(shape)[wide]!, 1),
  };
}
