import type { Emitter } from "./emitter.ts";
import { checkFailed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import { asFloat, INT64, range, scalar } from "./onnx.ts";
import { differ, shapeText, volume, type Shape } from "./shape.ts";

/** Why Caffe refuses labels that are not one for each place beside the class axis. `what` is Caffe's word for that axis. */
export function labelRefusal(layer: ShapedLayer, axis: number, what: "label" | "softmax" | "infogain"): Refusal | undefined {
  const [scores, labels] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const places = volume(scores, 0, axis) * volume(scores, axis + 1);
  if (!differ(places, volume(labels))) return undefined;
  const message =
    `Number of labels must match number of predictions; e.g., if ${what} axis == 1 and prediction shape is (N, C, H, W), ` +
    "label count (number of labels) must be N*H*W, with integer values in {0, 1, ..., C-1}.";
  return {
    refused:
      `${layer.name} has ${volume(labels)} labels ('${layer.bottomNames[1]!}': ${shapeText(labels)}) for ${places} ` +
      `predictions ('${layer.bottomNames[0]!}': ${shapeText(scores)}, classes along axis ${axis}). It takes one for ` +
      "each.",
    at: "bottom.1",
    caffe: checkFailed("outer_num_ * inner_num_ == bottom[1]->count()", places, volume(labels), message),
  };
}

/** Labels as whole numbers. */
export interface Labels {
  /** int64; 0 in place of the label to ignore, so that it is a class. */
  readonly ids: string;
  /** True at the labels to ignore; undefined where there are none. */
  readonly ignored: string | undefined;
}

/** A float value as labels of a shape. Caffe cuts off what follows the point, and so does Cast. */
export function labelsOf(emit: Emitter, value: string, shape: Shape, ignore: number | undefined): Labels {
  const raw = emit.node("Cast", [emit.reshape(value, shape)], { to: INT64 });
  if (ignore === undefined) return { ids: raw, ignored: undefined };
  const ignored = emit.node("Equal", [raw, emit.ints([ignore], [])]);
  return { ids: emit.node("Where", [ignored, emit.ints([0], []), raw]), ignored };
}

/** The value with 0 at the labels to ignore. */
export function heeded(emit: Emitter, value: string, labels: Labels): string {
  return labels.ignored === undefined ? value : emit.node("Where", [labels.ignored, scalar(emit, 0), value]);
}

/** 1 where a label counts, 0 where it is ignored; undefined where all count. */
export function counts(emit: Emitter, labels: Labels): string | undefined {
  return labels.ignored === undefined ? undefined : asFloat(emit, emit.node("Not", [labels.ignored]));
}

/** 1 at the class of the label along an axis of size `classes`, 0 elsewhere. `ids` has size 1 along that axis. */
export function oneHot(emit: Emitter, ids: string, classes: number, axis: number, rank: number): string {
  const shape = Array.from({ length: rank }, (_, i) => (i === axis ? classes : 1));
  return asFloat(emit, emit.node("Equal", [ids, range(emit, classes, shape)]));
}
