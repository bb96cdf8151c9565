import { checkFailed, divisionByZero } from "./caffe-text.ts";
import { emitConvolution, oneHotFilters } from "./convolution-onnx.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { secondRefusal } from "./in-place.ts";
import { volume } from "./shape.ts";
import { extent, overImage, readWindow } from "./spatial.ts";

/** Im2col: lays the windows of a convolution side by side, one channel for each position in a window. Source: `im2col_layer.cpp`. */
export const im2col: LayerType = {
  type: "Im2col",
  doc: "Lays the windows that a convolution would read side by side, as channels.",
  params: ["convolution_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One copy for each value given out.
  multiplyAdds: (_, { tops: [top] }) => volume(top ?? [NaN]),
  reach: (layer) => {
    const window = readWindow(layer, "im2col");
    const over = "refused" in window ? undefined : overImage(window, layer.bottoms[0]!);
    return over === undefined ? { kind: "whole" } : { kind: "window", ...over };
  },
  onnx: (emit, layer, { tops: [top] }) => {
    const bottom = layer.bottoms[0]!;
    const window = readWindow(layer, "im2col");
    if ("refused" in window) return;
    const channels = bottom[window.axis]!;
    const filters = oneHotFilters(channels, window.kernel);
    emit.top(0, emitConvolution(emit, "Conv", emit.bottom(0), bottom, top!, window, filters, channels));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const window = readWindow(layer, "im2col");
  if ("refused" in window) return { ...window, shapes: { tops: [bottom.map((d, i) => (i === 0 ? d : NaN))], params: [] } };
  const sizes = window.kernel.map((_, i) => {
    const left = bottom[window.axis + 1 + i]! + 2 * window.pad[i]! - extent(window, i);
    return Math.trunc(left / window.stride[i]!) + 1;
  });
  const channels = bottom[window.axis]! * volume(window.kernel);
  const known = sizes.map((size, i) => (size >= 0 && window.stride[i] !== 0 ? size : NaN));
  const result = { tops: [[...bottom.slice(0, window.axis), channels, ...known]], params: [] };
  const crash = window.stride.indexOf(0);
  if (crash >= 0) {
    const given = crash === 0 ? "stride_w" : "stride_h";
    const refused =
      `${layer.name} gives ${given} alone; the other counts as 0, so Caffe divides by zero and crashes. Give both, or stride.`;
    return { refused, at: `convolution_param.${given}`, caffe: divisionByZero, shapes: result };
  }
  const i = sizes.findIndex((size) => size < 0);
  if (i < 0) {
    const second = secondRefusal(layer, result.tops[0]!, shapes);
    return second === undefined ? result : { ...second, shapes: result };
  }
  return {
    refused:
      `${layer.name}'s kernel spans ${extent(window, i)} along axis ${window.axis + 1 + i}, ` +
      `more than its input of ${bottom[window.axis + 1 + i]}. Use a smaller kernel, or a larger input.`,
    at: "convolution_param.kernel_size",
    caffe: checkFailed("shape[i] >= 0", sizes[i]!, 0),
    shapes: result,
  };
}
