import { placeIn, type Layer } from "../net/net.ts";
import type { Rule } from "./rule.ts";

/** Two layers of one name. */
export const duplicateLayerName: Rule = {
  code: "duplicate-layer-name",
  severity: "warning",
  group: "net",
  doc: "Caffe accepts two layers of one name, but copies weights by name: both get those of the first layer of that name in the model.",
  *check({ net }) {
    const first = new Map<string, Layer>();
    for (const layer of net.layers) {
      const other = layer.name === "" ? undefined : first.get(layer.name);
      if (other === undefined) first.set(layer.name, layer);
      else
        yield {
          ...placeIn(layer, "name"),
          layer: layer.name,
          related: [{ ...placeIn(other, "name"), message: `'${layer.name}' is first used here.` }],
          message: `another layer is called '${layer.name}' too. Caffe copies weights by layer name, so both would get the same. Give one of them another name.`,
        };
    }
  },
};
