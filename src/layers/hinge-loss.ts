import type { Emitter } from "./emitter.ts";
import { legacyRefusal } from "./blob.ts";
import type { ShapedLayer } from "./definition.ts";
import { labelsOf, oneHot } from "./labels.ts";
import { firstDimensions, loss, twoBottoms } from "./loss.ts";
import { plus, scalar, sumAll, times } from "./onnx.ts";
import { volume } from "./shape.ts";

/**
 * HingeLoss: `max(0, 1 + s * x)` with s = -1 at the label and 1 elsewhere, summed (or its square), over the batch size. Source:
 * `hinge_loss_layer.cpp`.
 */
export const hingeLoss = loss({
  type: "HingeLoss",
  doc: "The hinge loss of a one-against-all classifier (a linear SVM).",
  params: ["hinge_loss_param"],
  ...twoBottoms,
  inPlaceFails: "run",
  refuse: (layer) => firstDimensions(layer) ?? legacyRefusal(layer, 0, layer.bottoms[0]!, "run"),
  // One comparison and one multiply-add for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => 2 * volume(bottom!),
  onnx: (emit, layer) => {
    emit.top(0, emit.losses === "deploy" ? emit.bottom(0) : value(emit, layer));
  },
});

function value(emit: Emitter, layer: ShapedLayer): string {
  const bottom = layer.bottoms[0]!;
  const [items, classes] = [bottom[0]!, volume(bottom, 1)];
  const ids = labelsOf(emit, firstLabels(emit, layer, items), [items, 1], undefined).ids;
  const signs = plus(emit, times(emit, oneHot(emit, ids, classes, 1, 2), -2), 1);
  const scores = emit.node("Mul", [emit.reshape(emit.bottom(0), [items, classes]), signs]);
  const margins = emit.node("Max", [plus(emit, scores, 1), scalar(emit, 0)]);
  const squared = layer.message.message("hinge_loss_param").text("norm") === "L2";
  return times(emit, sumAll(emit, squared ? emit.node("Mul", [margins, margins]) : margins), 1 / items);
}

/** One label for each item: Caffe reads the first and does not look whether there are more. */
export function firstLabels(emit: Emitter, layer: ShapedLayer, items: number, bottom = 1): string {
  const given = volume(layer.bottoms[bottom]!);
  const flat = emit.reshape(emit.bottom(bottom), [given]);
  return given === items ? flat : emit.node("Slice", [flat, emit.ints([0]), emit.ints([items]), emit.ints([0])]);
}
