import { Failure } from "../text/failure.ts";
import type { Emitter } from "./emitter.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerInput, Refusal, ShapedLayer } from "./definition.ts";
import { engineRefusal } from "./engine.ts";
import { counts, heeded, labelRefusal, labelsOf } from "./labels.ts";
import { firstDimensions, LOG_THRESHOLD, loss, normalization, normalized, safeLog } from "./loss.ts";
import { sumAll, sumAlong } from "./onnx.ts";
import { canonicalAxis, differ, shapeText, volume } from "./shape.ts";
import { softmaxRefusal } from "./softmax.ts";

/**
 * InfogainLoss: the negative logarithms of all classes' softmax, weighted by the label's row of a matrix H that is the third bottom or
 * in a file (`source`). Source: `infogain_loss_layer.cpp`; Caffes without `axis` take probabilities and apply no softmax.
 */
export const infogainLoss = loss({
  type: "InfogainLoss",
  doc: "Like SoftmaxWithLoss, with a matrix that says how bad each confusion is.",
  params: ["infogain_loss_param", "softmax_param", "loss_param"],
  bottoms: { min: 2, max: 3 },
  tops: { min: 1, max: 2 },
  refuse,
  moreTops: (layer) => [[...layer.bottoms[0]!]],
  // As Softmax, then a logarithm and a multiply-add for each value.
  multiplyAdds: ({ bottoms: [bottom] }) => 5 * volume(bottom!),
  onnx: (emit, layer) => {
    const axis = axisIn(layer)!;
    const probabilities = hasSoftmax(layer) ? emit.node("Softmax", [emit.bottom(0)], { axis }) : emit.bottom(0);
    emit.top(0, emit.losses === "deploy" ? probabilities : value(emit, layer, probabilities, axis));
    if (layer.topNames.length > 1) emit.top(1, probabilities);
  },
});

function hasSoftmax(layer: LayerInput): boolean {
  return layer.message.message("infogain_loss_param").schema.fields.has("axis");
}

function axisIn(layer: ShapedLayer): number | undefined {
  return hasSoftmax(layer) ? canonicalAxis(layer.message.message("infogain_loss_param").number("axis"), layer.bottoms[0]!.length) : 1;
}

function value(emit: Emitter, layer: ShapedLayer, probabilities: string, axis: number): string {
  if (layer.bottoms.length < 3) throw new Failure("bad-net", `${layer.name} takes its matrix from a file, which is not part of the net`);
  const bottom = layer.bottoms[0]!;
  const classes = bottom[axis]!;
  const [outer, inner] = [volume(bottom, 0, axis), volume(bottom, axis + 1)];
  const param = layer.message.message("loss_param");
  const labels = labelsOf(emit, emit.bottom(1), [outer, inner], param.has("ignore_label") ? param.number("ignore_label") : undefined);
  const logs = emit.node(
    "Transpose",
    [safeLog(emit, emit.reshape(probabilities, [outer, classes, inner]), LOG_THRESHOLD)],
    { perm: [0, 2, 1] },
  );
  const rows = emit.node("Gather", [emit.reshape(emit.bottom(2), [classes, classes]), labels.ids], { axis: 0 });
  const losses = heeded(emit, emit.node("Neg", [sumAlong(emit, emit.node("Mul", [rows, logs]), 2)]), labels);
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
  if (!hasSoftmax(layer)) return firstDimensions(layer);
  const param = layer.message.message("infogain_loss_param");
  const softmax = engineRefusal(layer, "softmax_param") ?? softmaxRefusal(layer, param.number("axis"), "infogain_loss_param.axis");
  if (softmax !== undefined) return softmax;
  if (layer.message.message("loss_param").has("normalize")) {
    return {
      refused: `${layer.name} does not take the old 'normalize'. Use normalization: VALID for true, BATCH_SIZE for false.`,
      at: "loss_param.normalize",
      caffe: 'Check failed: !this->layer_param_.loss_param().has_normalize() normalize is deprecated. use "normalization"',
    };
  }
  if (layer.bottoms.length < 3 && !param.has("source")) {
    return {
      refused: `${layer.name} needs its matrix: as a third bottom, or in a file named by 'source'.`,
      at: "infogain_loss_param",
      caffe: "Check failed: this->layer_param_.infogain_loss_param().has_source() Infogain matrix source must be specified.",
    };
  }
  return firstDimensions(layer) ?? labelRefusal(layer, axisIn(layer)!, "infogain") ?? matrixRefusal(layer);
}

function matrixRefusal(layer: ShapedLayer): Refusal | undefined {
  const matrix = layer.bottoms[2];
  const classes = layer.bottoms[0]![axisIn(layer)!]!;
  if (matrix === undefined || !differ(volume(matrix), classes * classes)) return undefined;
  return {
    refused:
      `${layer.name} needs a matrix of ${classes} x ${classes} (one row and column for each class), but ` +
      `'${layer.bottomNames[2]!}' is ${shapeText(matrix)}.`,
    at: "bottom.2",
    caffe: checkFailed("infogain->count() == num_labels_*num_labels_", volume(matrix), classes * classes),
  };
}
