import { placeIn, type Layer } from "../net/net.ts";
import { reachOf } from "../net/reach.ts";
import { shapeOf } from "../net/shapes.ts";
import { isComplete, type Shape } from "../layers/shape.ts";
import type { Rule } from "./rule.ts";

/** Layers that look at all positions of their input at once. */
export const globalLayer: Rule = {
  code: "global-layer",
  severity: "warning",
  group: "pixelwise",
  doc: "The layer's result depends on all positions of its input. On an image it sees the image instead of one patch.",
  *check({ net, shapes, fields }) {
    for (const layer of net.layers) {
      const seen = layer.bottoms[0] === undefined ? undefined : fields[layer.bottoms[0].maker.index]?.[layer.bottoms[0].top];
      const bottom = shapeOf(shapes, layer.bottoms[0]);
      if (seen === undefined || bottom?.length !== 4 || (bottom[2] === 1 && bottom[3] === 1) || reachOf(shapes, layer).kind !== "whole")
        continue;
      const message = explain(layer, bottom);
      if (message !== undefined) yield { ...placeIn(layer, layer.definition?.params[0]), layer: layer.name, message };
    }
  },
};

function explain(layer: Layer, bottom: Shape): string | undefined {
  const size = isComplete(bottom.slice(2)) ? `a ${bottom[2]} x ${bottom[3]} pool` : "a pool of the patch's size";
  switch (layer.type) {
    case "Pooling":
      return `${layer.name} pools over its whole input (global_pooling): on an image that is the whole image, and the output stays 1 x 1. Convert the net: the conversion makes it ${size} with stride 1.`;
    case "BatchNorm":
      return `${layer.name} normalises with the mean and variance of what it is given (use_global_stats: false): on an image those are the image's, not the patch's, so the pixel-wise output will differ. Set use_global_stats: true.`;
    case "MVN":
      return `${layer.name} subtracts the mean of its whole input: on an image that is the image's, not the patch's, so the pixel-wise output will differ. No convolutional form exists; train without it.`;
    case "Softmax":
      return `${layer.name} normalises over positions instead of classes, so the pixel-wise output will differ. Use axis: 1.`;
    case "InnerProduct":
    case "Flatten":
    case "Reshape":
      return undefined; // surgery replaces these; the hint 'inner-product' says so
    default:
      return layer.definition === undefined
        ? undefined
        : `${layer.name} (${layer.type}) looks at its whole input at once: on an image that is the whole image, so the pixel-wise output will differ.`;
  }
}
