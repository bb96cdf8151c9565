import { bottomText } from "./blob.ts";
import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { INT64 } from "./onnx.ts";

/** BatchReindex: items of the first bottom, in the order that the second names; repeats allowed. Source: `batch_reindex_layer.cpp`. */
export const batchReindex: LayerType = {
  type: "BatchReindex",
  doc: "Picks items of a batch by their numbers, in any order and number.",
  params: [],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  onnx: (emit) => {
    const numbers = emit.node("Cast", [emit.bottom(1)], { to: INT64 });
    emit.top(0, emit.node("Gather", [emit.bottom(0), numbers], { axis: 0 }));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const [items, numbers] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const shapes = { tops: [[numbers[0] ?? 1, ...items.slice(1)]], params: [] };
  if (numbers.length !== 1) {
    return {
      refused: `${layer.name} takes the numbers of items from ${bottomText(layer, 1)}, which must have one axis.`,
      at: "bottom.1",
      caffe: checkFailed("1 == bottom[1]->num_axes()", 1, numbers.length),
      shapes,
    };
  }
  const axis = axisOf(layer, 0, items, "bottom.0");
  return typeof axis === "number" ? shapes : { ...axis, when: "run", shapes };
}
