import { checkFailed, legacyFailed, noData } from "./caffe-text.ts";
import type { LayerInput, Refusal, ShapedLayer } from "./definition.ts";
import { shapeText, type Shape } from "./shape.ts";

/** Why Caffe refuses a bottom of more than 4 axes where it uses num, channels, height and width. Source: `Blob::LegacyShape`. */
export function legacyRefusal(layer: LayerInput, bottom: number, shape: Shape, when: "load" | "run" = "load"): Refusal | undefined {
  if (shape.length <= 4) return undefined;
  return {
    refused: `${layer.name} takes blobs of at most 4 axes, but '${layer.bottomNames[bottom]}' (${shapeText(shape)}) has ${shape.length}.`,
    at: `bottom.${bottom}`,
    caffe: legacyFailed(shape.length),
    when,
  };
}

/** Why Caffe refuses a blob without values where it needs its memory at once. Source: `Blob::data`, `Blob::mutable_cpu_data`. */
export function emptyRefusal(layer: LayerInput, at: string, shape: Shape, when: "load" | "run" = "load"): Refusal {
  return {
    refused: `${layer.name} would work on a blob without values (${shapeText(shape)}): Caffe stops there. Give every dimension at least 1.`,
    at,
    caffe: noData,
    when,
  };
}

/** Why Caffe refuses a blob where it wants images: four axes. Source: `pooling_layer.cpp`, `lrn_layer.cpp`, `spp_layer.cpp`. */
export function imageRefusal(layer: LayerInput, shape: Shape): Refusal | undefined {
  if (shape.length === 4) return undefined;
  const message = "Input must have 4 axes, corresponding to (num, channels, height, width)";
  return {
    refused: `${layer.name} works on images: blobs of 4 axes (num, channels, height, width). Its input is ${shapeText(shape)}.`,
    at: "bottom.0",
    caffe: checkFailed("4 == bottom[0]->num_axes()", 4, shape.length, message),
  };
}

/** A bottom in words: `'label' (4 x 1)`. */
export function bottomText(layer: ShapedLayer, bottom: number): string {
  return `'${layer.bottomNames[bottom]!}' (${shapeText(layer.bottoms[bottom])})`;
}
