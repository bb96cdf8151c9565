import { isComplete, shapeText } from "../layers/shape.ts";
import { imageShapes } from "../net/image-shape.ts";
import { inputLayers, placeIn } from "../net/net.ts";
import type { Rule } from "./rule.ts";

/** Fully connected layers, which fix the size of the input. */
export const innerProductRule: Rule = {
  code: "inner-product",
  severity: "hint",
  group: "pixelwise",
  doc: "A fully connected layer fixes the size of the input. The same numbers as a convolution run on any image.",
  *check({ net, shapes, fields }) {
    if (!net.layers.some(({ type }) => type === "InnerProduct")) return;
    const input = inputLayers(net)
      .flatMap((layer) => shapes.layers[layer.index]!.tops)
      .find((shape) => shape?.length === 4 && isComplete(shape.slice(2)));
    const images = imageShapes(shapes);
    for (const layer of net.layers) {
      const bottom = layer.bottoms[0];
      if (layer.type !== "InnerProduct" || fields[layer.index]![0] === undefined) continue;
      const image = bottom === undefined ? undefined : images[bottom.maker.index]?.[bottom.top];
      if (image === undefined) continue;
      const [, , rows, columns] = image;
      const fixed = input === undefined ? "" : `: it fixes the input size at ${input[2]} x ${input[3]}`;
      const kernel = rows === columns ? `kernel_size ${rows}` : `kernel_h ${rows} and kernel_w ${columns}`;
      yield {
        ...placeIn(layer, "type"),
        layer: layer.name,
        message: `${layer.name} is fully connected${fixed}. As a convolution with ${kernel} (its input is ${shapeText(image.slice(1))}) it runs on any image.`,
      };
    }
  },
};
