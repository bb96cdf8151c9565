import { placeIn } from "../net/net.ts";
import { inPlaceOf } from "../layers/definition.ts";
import type { Rule } from "./rule.ts";

/** Layers that load in place and then compute something else than they say. */
export const inPlace: Rule = {
  code: "in-place",
  severity: "warning",
  group: "net",
  doc: "Caffe loads this layer in place without a word, but it overwrites what it still has to read, so its result is wrong.",
  *check({ net }) {
    for (const layer of net.layers) {
      const blob = layer.tops.find((top, i) => top.overwrites !== undefined && top.overwrites === layer.bottoms[i]);
      if (blob === undefined || layer.definition === undefined || inPlaceOf(layer.definition, layer.message) !== "wrong") continue;
      yield {
        ...placeIn(layer, `top.${blob.top}`),
        layer: layer.name,
        message: `${layer.name} (${layer.type}) overwrites '${blob.name}' while it still reads it; Caffe loads this, but the result is wrong. Give the top a name of its own.`,
      };
    }
  },
};
