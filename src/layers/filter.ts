import { bottomText, emptyRefusal } from "./blob.ts";
import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { counted } from "../text/words.ts";
import { BOOL } from "./onnx.ts";
import { differ, type Shape } from "./shape.ts";

/**
 * Filter: keeps the items of its bottoms where the last bottom, the selector, is not 0.
 * How many these are shows only as it runs: at load Caffe gives the tops the full batch. Source: `filter_layer.cpp`.
 */
export const filter: LayerType = {
  type: "Filter",
  doc: "Keeps the items of a batch that a selector blob marks.",
  params: [],
  bottoms: { min: 2 },
  tops: { min: 1 },
  inPlace: "wrong",
  shapes,
  onnx: (emit, layer) => {
    const last = layer.bottoms.length - 1;
    const selector = emit.reshape(emit.bottom(last), [layer.bottoms[last]![0]!]);
    const chosen = emit.node("Cast", [selector], { to: BOOL });
    layer.topNames.forEach((_, i) => {
      emit.top(i, emit.node("Compress", [emit.bottom(i), chosen], { axis: 0 }));
    });
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const items = layer.bottoms.slice(0, -1);
  const selector = layer.bottoms.at(-1)!;
  const shapes = { tops: layer.topNames.map((_, i) => filtered(items, i)), params: [] };
  const refusal = countRefusal(layer) ?? selectorRefusal(layer, items, selector);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

/** The first bottom gives all tops their batch. */
function filtered(items: readonly Shape[], i: number): Shape | undefined {
  const item = items[i];
  return item?.map((dimension, axis) => (axis === 0 ? (items[0]![0] ?? NaN) : dimension));
}

function countRefusal(layer: ShapedLayer): Refusal | undefined {
  const [tops, items] = [layer.topNames.length, layer.bottoms.length - 1];
  if (tops === items) return undefined;
  return {
    refused:
      `${layer.name} filters ${counted(items, "bottom")} (the last is the selector) into ${counted(tops, "top")}; it ` +
      "takes one top for each.",
    at: `top.${Math.min(tops - 1, items)}`,
    caffe: checkFailed("top.size() == bottom.size() - 1", tops, items),
  };
}

function selectorRefusal(layer: ShapedLayer, items: readonly Shape[], selector: Shape): Refusal | undefined {
  const last = layer.bottoms.length - 1;
  const name = bottomText(layer, last);
  const wide = selector.findIndex((dimension, axis) => axis > 0 && differ(dimension, 1));
  if (wide > 0) {
    const caffe = checkFailed(
      "bottom[selector_index]->shape(i) == 1",
      selector[wide]!,
      1,
      "Selector blob dimensions must be singletons (1), except the first",
    );
    return {
      refused: `${layer.name} selects by ${name}: it needs one number for each item, all dimensions but the first 1.`,
      at: `bottom.${last}`,
      caffe,
    };
  }
  for (const [i, item] of items.entries()) {
    for (const [bottom, shape] of [[last, selector], [i, item]] as const) {
      const axis = axisOf(layer, 0, shape, `bottom.${bottom}`);
      if (typeof axis !== "number") return axis;
    }
    if (!differ(selector[0], item[0])) continue;
    const caffe = checkFailed(
      "bottom[selector_index]->shape(0) == bottom[i]->shape(0)",
      selector[0]!,
      item[0]!,
      "Each bottom should have the same 0th dimension as the selector blob",
    );
    return {
      refused: `${layer.name} selects by ${name} from ${bottomText(layer, i)}: their first dimensions must be equal.`,
      at: `bottom.${i}`,
      caffe,
    };
  }
  return selector[0] === 0 ? emptyRefusal(layer, `bottom.${last}`, selector) : undefined;
}
