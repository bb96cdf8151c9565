import { bottomText, legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { differ, volume } from "./shape.ts";

const path = "psroi_pooling_param";

/**
 * PSROIPooling: the mean value in each cell of a grid over each region, every cell from channels of its own. Bottoms: the score maps
 * (`output_dim` x `group_size`^2 channels), and the regions. Source: `psroi_pooling_layer.cpp`; Dai et al. 2016 (R-FCN).
 */
export const psroiPooling: LayerType = {
  type: "PSROIPooling",
  doc: "Takes the mean in each cell of a grid laid over each region of interest, every cell from its own channels.",
  dialects: ["intel"],
  params: [path],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One addition for each value given out, at the least.
  multiplyAdds: (_, { tops: [top] }) => volume(top ?? [NaN]),
  reach: () => ({ kind: "whole" }),
  onnx: "ONNX has no operator that pools each cell of a region from its own channels; export the score maps before it.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const param = layer.message.message(path);
  const [classes, cells] = [param.number("output_dim"), param.number("group_size")];
  const [maps, regions] = layer.bottoms.map(legacyShape);
  const side = Math.max(0, cells);
  const result = { tops: [[regions![0], Math.max(0, classes), side, side]], params: [] };
  const refusal =
    positiveRefusal(layer, "output_dim") ??
    positiveRefusal(layer, "group_size") ??
    legacyRefusal(layer, 0, layer.bottoms[0]!) ??
    channelRefusal(layer, maps![1], classes, cells) ??
    legacyRefusal(layer, 1, layer.bottoms[1]!);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function positiveRefusal(layer: ShapedLayer, field: string): Refusal | undefined {
  const given = layer.message.message(path).number(field);
  if (given > 0) return undefined;
  return {
    refused: `${layer.name} has ${field} ${given}. Use 1 or more.`,
    at: `${path}.${field}`,
    caffe: checkFailed(`psroi_pooling_param.${field}() > 0`, given, 0, `${field} must be > 0`),
  };
}

function channelRefusal(layer: ShapedLayer, channels: number, classes: number, cells: number): Refusal | undefined {
  const wanted = classes * cells * cells;
  if (!differ(channels, wanted)) return undefined;
  return {
    refused: `${layer.name} needs ${wanted} channels (${classes} x ${cells} x ${cells}); ${bottomText(layer, 0)} has ${channels}.`,
    at: "bottom.0",
    caffe: checkFailed("channels_ == output_dim_*group_size_*group_size_", channels, wanted, "input channel number does not match layer parameters"),
  };
}
