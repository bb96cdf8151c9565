import { axisOf, checkFailed } from "./caffe-text.ts";
import type { Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { differ, shapeText, type Shape } from "./shape.ts";

/** How Scale and Bias lay a smaller blob along the axes of a larger one: where it starts, and its shape. */
export interface Alignment {
  readonly axis: number;
  readonly shape: Shape;
}

/** The words and names in which Scale and Bias differ. */
export interface AffineKind {
  readonly word: "scale" | "bias";
  /** The parameter message that the text has, and Caffe's name for the axis in its checks. */
  readonly path: "scale_param" | "bias_param";
  readonly axisName: "axis_" | "axis";
}

export const scaleKind: AffineKind = { word: "scale", path: "scale_param", axisName: "axis_" };
export const biasKind: AffineKind = { word: "bias", path: "bias_param", axisName: "axis" };
/** The Bias layer that a Scale with `bias_term` makes for itself. */
export const innerBiasKind: AffineKind = { ...biasKind, path: "scale_param" };

/**
 * The axes that the learned blob covers, by `axis` and `num_axes` (of the text, unless given), or Caffe's refusal.
 * Source: `scale_layer.cpp`, `bias_layer.cpp`, LayerSetUp.
 */
export function learnedAlignment(layer: ShapedLayer, kind: AffineKind, numAxes?: number): Alignment | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message(kind.path);
  const axis = axisOf(layer, param.number("axis"), bottom, `${kind.path}.axis`, "starts at");
  if (typeof axis !== "number") return axis;
  const axes = numAxes ?? param.number("num_axes");
  if (axes < -1) {
    return {
      refused: `${layer.name} covers ${axes} axes. Use a number from 0, or -1 for all axes from ${axis} on.`,
      at: `${kind.path}.num_axes`,
      caffe: checkFailed("num_axes >= -1", axes, -1, "num_axes must be non-negative, or -1 to extend to the end of bottom[0]"),
    };
  }
  if (axes >= 0 && axis + axes > bottom.length) {
    return {
      refused: `${layer.name} covers ${axes} axes from axis ${axis} on, but its input (${shapeText(bottom)}) has only ${bottom.length}.`,
      at: `${kind.path}.num_axes`,
      caffe: checkFailed(
        `bottom[0]->num_axes() >= ${kind.axisName} + num_axes`,
        bottom.length,
        axis + axes,
        `${kind.word} blob's shape extends past bottom[0]'s shape when applied starting with bottom[0] axis = ${axis}`,
      ),
    };
  }
  return { axis, shape: axes === -1 ? bottom.slice(axis) : bottom.slice(axis, axis + axes) };
}

/** Checks that a blob fits along the first bottom, and says from which axis on. A scalar fits everywhere. Source: the same, Reshape. */
export function givenAlignment(layer: ShapedLayer, kind: AffineKind, shape: Shape, at: string): Alignment | Refusal {
  const bottom = layer.bottoms[0]!;
  const axis =
    shape.length === 0
      ? 0
      : axisOf(layer, layer.message.message(kind.path).number("axis"), bottom, `${kind.path}.axis`, "starts at");
  if (typeof axis !== "number") return axis;
  if (axis + shape.length > bottom.length) {
    return {
      refused:
        `${layer.name} lays a blob of ${shapeText(shape)} along axis ${axis} and what follows of ${shapeText(bottom)}: ` +
        "it goes past the end.",
      at,
      caffe: checkFailed(
        `bottom[0]->num_axes() >= ${kind.axisName} + ${kind.word}->num_axes()`,
        bottom.length,
        axis + shape.length,
        `${kind.word} blob's shape extends past bottom[0]'s shape when applied starting with bottom[0] axis = ${axis}`,
      ),
    };
  }
  const wrong = shape.findIndex((dimension, i) => differ(bottom[axis + i], dimension));
  if (wrong >= 0) {
    return {
      refused:
        `${layer.name} lays a blob of ${shapeText(shape)} along axis ${axis} and what follows of ${shapeText(bottom)}: ` +
        `${shape[wrong]} does not fit ${bottom[axis + wrong]}.`,
      at,
      caffe: checkFailed(
        `bottom[0]->shape(${kind.axisName} + i) == ${kind.word}->shape(i)`,
        bottom[axis + wrong]!,
        shape[wrong]!,
        `dimension mismatch between bottom[0]->shape(${axis + wrong}) and ${kind.word}->shape(${wrong})`,
      ),
    };
  }
  return { axis, shape };
}

/** A value in the shape that broadcasts along the bottom from an axis on: followed by axes of 1. */
export function broadcast(emit: Emitter, value: string, { axis, shape }: Alignment, rank: number): string {
  return emit.reshape(value, [...shape, ...Array.from({ length: rank - axis - shape.length }, () => 1)]);
}
