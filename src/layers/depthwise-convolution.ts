import { convolution } from "./convolution.ts";
import type { LayerType } from "./definition.ts";

/**
 * DepthwiseConvolution: a Convolution with a faster GPU implementation for as many groups as channels; `group` says so as it does there.
 * Part of MobileNet-YOLO, and often added to SSD's Caffe. Source: `depthwise_conv_layer.cpp`; Howard et al. 2017 (MobileNets).
 */
export const depthwiseConvolution: LayerType = {
  ...convolution,
  type: "DepthwiseConvolution",
  doc: "A convolution of each channel by itself: one group for each channel.",
  dialects: ["mobilenet-yolo", "ssd"],
};
