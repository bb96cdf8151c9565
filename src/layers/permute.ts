import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { shapeText } from "./shape.ts";

/** Permute: the axes in another order; those that `order` does not name follow in theirs. Source: `permute_layer.cpp` of SSD. */
export const permute: LayerType = {
  type: "Permute",
  doc: "Puts the axes in another order.",
  dialects: ["ssd", "nvidia", "intel", "mobilenet-yolo"],
  params: ["permute_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  reach: (layer) => ({ kind: orderOf(layer).slice(2).every((axis, i) => axis === i + 2) ? "pointwise" : "whole" }),
  onnx: (emit, layer) => {
    emit.top(0, emit.node("Transpose", [emit.bottom(0)], { perm: orderOf(layer) }));
  },
};

function orderOf(layer: ShapedLayer): number[] {
  const given = layer.message.message("permute_param").numbers("order");
  return [...given, ...layer.bottoms[0]!.map((_, axis) => axis).filter((axis) => !given.includes(axis))];
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const given = layer.message.message("permute_param").numbers("order");
  const past = given.findIndex((axis) => axis >= bottom.length);
  const twice = given.findIndex((axis, i) => given.indexOf(axis) < i);
  if (past >= 0 && (twice < 0 || past < twice)) {
    return {
      refused: `${layer.name} names axis ${given[past]!}, but its input (${shapeText(bottom)}) has ${bottom.length}.`,
      at: `permute_param.order.${past}`,
      caffe: checkFailed("order < num_axes_", given[past]!, bottom.length, "order should be less than the input dimension."),
    };
  }
  if (twice >= 0) {
    return {
      refused: `${layer.name} names axis ${given[twice]!} twice.`,
      at: `permute_param.order.${twice}`,
      caffe: "there are duplicate orders",
    };
  }
  return { tops: [orderOf(layer).map((axis) => bottom[axis]!)], params: [] };
}
