import { convolutionCost, convolutionCounts, convolutionShapes } from "./base-convolution.ts";
import { emitConvolution } from "./convolution-onnx.ts";
import type { LayerType, Reach, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { rectified } from "./fused-relu.ts";
import type { Shape } from "./shape.ts";
import { overImage, readWindow } from "./spatial.ts";

/**
 * Convolution: filters that slide over the axes behind the channels; rounds sizes down. Strides, padding, dilation, groups, any
 * number of axes. Source: `conv_layer.cpp`, `base_conv_layer.cpp`.
 */
export const convolution: LayerType = {
  ...convolutionCounts,
  type: "Convolution",
  doc: "Slides learned filters over the image; every output is a weighted sum of a window.",
  shapes: (layer) => convolutionShapes(layer, "forward"),
  multiplyAdds: (layer, shapes) => convolutionCost(layer, shapes, "forward"),
  reach: convolutionReach,
  onnx: (emit, layer, { tops }) => { emitFiltered(emit, layer, tops[0]!, "Conv"); },
};

/** The window of a convolution over rows and columns; `whole` where it slides over other axes. */
export function convolutionReach(layer: ShapedLayer): Reach {
  const window = readWindow(layer);
  const over = "refused" in window ? undefined : overImage(window, layer.bottoms[0]!);
  return over === undefined ? { kind: "whole" } : { kind: "window", ...over };
}

/** Convolves every bottom with the layer's own weights. */
export function emitFiltered(
  emit: Emitter,
  layer: ShapedLayer,
  top: Shape,
  op: "Conv" | "ConvTranspose",
  groups: "text" | "depthwise" = "text",
): void {
  const param = layer.message.message("convolution_param");
  const window = readWindow(layer);
  if ("refused" in window) return;
  layer.bottoms.forEach((bottom, i) => {
    const channels = bottom[window.axis]!;
    const [outputs, group] = groups === "depthwise" ? [channels, channels] : [param.number("num_output"), param.number("group")];
    const shape = [...(op === "Conv" ? [outputs, channels / group] : [channels, outputs / group]), ...window.kernel];
    const bias = param.bool("bias_term") ? emit.param(1).data : undefined;
    const filters = { weights: emit.param(0).data, shape, bias };
    emit.top(i, rectified(emit, emitConvolution(emit, op, emit.bottom(i), bottom, top, window, filters, group), param));
  });
}
