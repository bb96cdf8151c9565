import { convolutionCost, convolutionCounts, convolutionShapes } from "./base-convolution.ts";
import { emitFiltered } from "./convolution.ts";
import type { LayerType } from "./definition.ts";
import { extent, overImage, readWindow } from "./spatial.ts";

/** Deconvolution: the transpose of Convolution, which makes blobs finer by its stride. Source: `deconv_layer.cpp`, `base_conv_layer.cpp`. */
export const deconvolution: LayerType = {
  ...convolutionCounts,
  type: "Deconvolution",
  doc: "Transposed convolution: spreads every value over a window, and so makes the blob finer by its stride.",
  shapes: (layer) => convolutionShapes(layer, "reversed"),
  multiplyAdds: (layer, shapes) => convolutionCost(layer, shapes, "reversed"),
  reach: (layer) => {
    const window = readWindow(layer);
    const over = "refused" in window ? undefined : overImage(window, layer.bottoms[0]!);
    if (over === undefined || "refused" in window) return { kind: "whole" };
    return { kind: "upsample", kernel: [extent(window, 0), extent(window, 1)], stride: over.stride, pad: over.pad };
  },
  onnx: (emit, layer, { tops }) => { emitFiltered(emit, layer, tops[0]!, "ConvTranspose"); },
};
