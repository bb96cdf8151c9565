import { legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Pair, Refusal, ShapedLayer } from "./definition.ts";
import { shapeText, volume } from "./shape.ts";
import { Failure } from "../text/failure.ts";

const path = "roi_pooling_param";

/**
 * ROIPooling: the largest value in each cell of a grid over each region. Bottoms: the feature maps, and the regions (item, x1, y1, x2, y2 in
 * pixels of the image). Source: `roi_pooling_layer.cpp`; Girshick 2015 (Fast R-CNN).
 */
export const roiPooling: LayerType = {
  type: "ROIPooling",
  doc: "Takes the largest value in each cell of a grid laid over each region of interest.",
  dialects: ["intel"],
  params: [path],
  bottoms: { min: 2, max: 2 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  // One comparison for each value given out, at the least.
  multiplyAdds: (_, { tops: [top] }) => volume(top ?? [NaN]),
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer, { tops: [top] }) => {
    const [image, regions] = [layer.bottoms[0]!, layer.bottoms[1]!];
    const [count, size] = [top![0]!, volume(regions, 1)];
    if (size < 5) throw new Failure("bad-net", `${layer.name} reads five values of each region, but has ${shapeText(regions)}`);
    let rows = emit.reshape(emit.bottom(1), [count, size]);
    if (size > 5) rows = emit.node("Slice", [rows, emit.ints([0]), emit.ints([5]), emit.ints([1])]);
    const how = { pooled_shape: pooledSize(layer), spatial_scale: { float: layer.message.message(path).number("spatial_scale") } };
    emit.top(0, emit.node("MaxRoiPool", [emit.reshape(emit.bottom(0), legacyShape(image)), rows], how));
  },
};

/** `pooled_h` and `pooled_w`; where neither is given, `pooled_size`, once for both or once for each. */
function pooledSize(layer: ShapedLayer): Pair {
  const param = layer.message.message(path);
  const [side, second = side] = param.numbers("pooled_size");
  if (side === undefined || second === undefined || param.has("pooled_h") || param.has("pooled_w")) return [param.number("pooled_h"), param.number("pooled_w")];
  return [side, second];
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const size = pooledSize(layer);
  const [image, regions] = layer.bottoms.map(legacyShape);
  const result = { tops: [[regions![0], image![1], ...size]], params: [] };
  const empty = size.indexOf(0);
  if (empty >= 0) {
    const field = empty === 0 ? "pooled_h" : "pooled_w";
    const caffe = checkFailed(`roi_pool_param.${field}() > 0`, 0, 0, `${field} must be > 0`);
    return { refused: `${layer.name} needs pooled_h and pooled_w: the rows and columns of its grid.`, at: `${path}.${field}`, caffe, shapes: result };
  }
  const refusal = legacyRefusal(layer, 0, layer.bottoms[0]!) ?? legacyRefusal(layer, 1, layer.bottoms[1]!);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}
