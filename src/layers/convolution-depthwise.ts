import { convolutionCost, convolutionCounts, convolutionShapes } from "./base-convolution.ts";
import { legacyRefusal } from "./blob.ts";
import { convolutionReach, emitFiltered } from "./convolution.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";

/**
 * ConvolutionDepthwise: one filter for each channel, and as many channels out as in; `num_output` and `group` are not read. Often added to
 * SSD's Caffe for MobileNets. Source: `conv_dw_layer.cpp` of shicai's Caffe; Howard et al. 2017 (MobileNets).
 */
export const convolutionDepthwise: LayerType = {
  ...convolutionCounts,
  type: "ConvolutionDepthwise",
  doc: "A convolution of each channel by itself, with one filter for each.",
  dialects: ["mobilenet-yolo", "ssd"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  shapes,
  multiplyAdds: (layer, shapes) => convolutionCost(layer, shapes, "forward"),
  reach: convolutionReach,
  onnx: (emit, layer, { tops }) => { emitFiltered(emit, layer, tops[0]!, "Conv", "depthwise"); },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const result = convolutionShapes(layer, "forward", "depthwise");
  const refusal = legacyRefusal(layer, 0, layer.bottoms[0]!);
  return refusal === undefined ? result : { ...refusal, ...("tops" in result ? { shapes: result } : result.shapes !== undefined && { shapes: result.shapes }) };
}
