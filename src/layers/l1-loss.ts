import { euclideanLoss } from "./euclidean-loss.ts";
import type { LayerType } from "./definition.ts";
import { sumAll, times } from "./onnx.ts";

/** L1Loss: the sum of absolute differences over the batch size. Source: `l1_loss_layer.cpp` of NVIDIA Caffe. */
export const l1Loss: LayerType = {
  ...euclideanLoss,
  type: "L1Loss",
  doc: "The absolute distance of predictions and targets, averaged over the batch.",
  dialects: ["nvidia"],
  onnx: (emit, layer) => {
    if (emit.losses === "deploy") {
      emit.top(0, emit.bottom(0));
      return;
    }
    const difference = emit.node("Sub", [emit.bottom(0), emit.reshape(emit.bottom(1), layer.bottoms[0]!)]);
    emit.top(0, times(emit, sumAll(emit, emit.node("Abs", [difference])), 1 / layer.bottoms[0]![0]!));
  },
};
