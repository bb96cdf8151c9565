import { placeIn } from "../net/net.ts";
import { reachOf } from "../net/reach.ts";
import type { Rule } from "./rule.ts";

/** Layers whose windows reach over the edge without a `pad` field saying so. */
export const borderSensitive: Rule = {
  code: "border-sensitive",
  severity: "warning",
  group: "pixelwise",
  doc: "The layer treats the border of its input differently from the inside. A patch has a border everywhere, an image only at its edge, so the pixel-wise output differs.",
  *check({ net, shapes, fields }) {
    for (const layer of net.layers) {
      if (fields[layer.index]![0] === undefined) continue;
      const reach = reachOf(shapes, layer);
      if (layer.type === "LRN" && reach.kind === "window" && (reach.pad[0] > 0 || reach.pad[1] > 0)) {
        yield {
          ...placeIn(layer, "lrn_param.norm_region"),
          layer: layer.name,
          message: `${layer.name} normalises over ${reach.kernel[0]} x ${reach.kernel[1]} neighbours (WITHIN_CHANNEL) and takes zeros beyond the border. On a patch the border is that of every patch, on an image only its edge, so the pixel-wise output will differ. Use ACROSS_CHANNELS and retrain, or accept an approximate result.`,
        };
      } else if (layer.type === "SPP") {
        yield {
          ...placeIn(layer, "spp_param"),
          layer: layer.name,
          message: `${layer.name} divides its whole input into bins: on an image the bins grow with it, so the pixel-wise output will differ. Replace it by pooling layers of fixed size and retrain.`,
        };
      }
    }
  },
};
