import { bottomText } from "./blob.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { differ, shapesDiffer, volume } from "./shape.ts";

/** Axpy: `a * x + y` with one factor for each channel: the scale and sum of SENet in one. Source: `axpy_layer.cpp`. */
export const axpy: LayerType = {
  type: "Axpy",
  doc: "Scales the channels of its second input by its first and adds the third.",
  dialects: ["nvidia"],
  params: [],
  bottoms: { min: 3, max: 3 },
  tops: { min: 1, max: 1 },
  shapes,
  // One multiply-add for each value.
  multiplyAdds: ({ bottoms }) => volume(bottoms[1]!),
  onnx: (emit, layer) => {
    const [, x] = layer.bottoms;
    const factors = emit.reshape(emit.bottom(0), x!.map((dimension, axis) => (axis < 2 ? dimension : 1)));
    emit.top(0, emit.node("Add", [emit.node("Mul", [factors, emit.bottom(1)]), emit.bottom(2)]));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [a, x, y] = [layer.bottoms[0]!, layer.bottoms[1]!, layer.bottoms[2]!];
  const shapes = { tops: [x], params: [] };
  const name = (i: number): string => bottomText(layer, i);
  const axis = [0, 1].find((i) => differ(a[i], x[i]));
  if (axis !== undefined) {
    const caffe = checkFailed(`bottom[0]->shape(${axis}) == bottom[1]->shape(${axis})`, a[axis]!, x[axis]!);
    return {
      refused: `${layer.name} scales the channels of ${name(1)} by ${name(0)}: their first two dimensions must be equal.`,
      at: "bottom.0",
      caffe,
      shapes,
    };
  }
  const wide = a.length === 4 ? [2, 3].find((i) => differ(a[i], 1)) : undefined;
  if (wide !== undefined) {
    return {
      refused: `${layer.name} takes one factor for each channel; ${name(0)} has more.`,
      at: "bottom.0",
      caffe: checkFailed(`bottom[0]->shape(${wide}) == 1`, a[wide]!, 1),
      shapes,
    };
  }
  if (!shapesDiffer(x, y)) return shapes;
  return {
    refused: `${layer.name} adds ${name(1)} and ${name(2)}: their shapes must be the same.`,
    at: "bottom.2",
    caffe: "Check failed: bottom[1]->shape() == bottom[2]->shape()",
    shapes,
  };
}
