import { placeIn } from "../net/net.ts";
import { bottomShapes } from "../net/shapes.ts";
import { isComplete, shapeText } from "../layers/shape.ts";
import { inputLayers } from "../net/net.ts";
import type { Rule } from "./rule.ts";

/** Fully connected layers, which fix the size of the input. */
export const innerProductRule: Rule = {
  code: "inner-product",
  severity: "hint",
  group: "pixelwise",
  doc: "A fully connected layer fixes the size of the input. The same numbers as a convolution run on any image.",
  *check({ net, shapes, fields }) {
    const input = inputLayers(net)
      .flatMap((layer) => shapes.layers[layer.index]!.tops)
      .find((shape) => shape?.length === 4);
    for (const layer of net.layers) {
      if (layer.type !== "InnerProduct" || fields[layer.index]![0] === undefined) continue;
      const bottom = bottomShapes(shapes, layer)[0];
      if (!isComplete(bottom)) continue;
      const [rows, columns] = bottom.length === 4 ? [bottom[2]!, bottom[3]!] : [1, 1];
      const fixed = input === undefined ? "" : `: it fixes the input size at ${input[2]} x ${input[3]}`;
      const kernel = rows === columns ? `kernel_size ${rows}` : `kernel_h ${rows} and kernel_w ${columns}`;
      yield {
        ...placeIn(layer, "type"),
        layer: layer.name,
        message: `${layer.name} is fully connected${fixed}. As a convolution with ${kernel} (its input is ${shapeText(bottom.slice(1))}) it runs on any image.`,
      };
    }
  },
};
