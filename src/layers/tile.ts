import { axisOf, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { reachAlong } from "./reach.ts";
import { canonicalAxis } from "./shape.ts";

/** Tile: repeats a blob `tiles` times along an axis. Source: `tile_layer.cpp`. */
export const tile: LayerType = {
  type: "Tile",
  doc: "Repeats a blob along an axis.",
  params: ["tile_param"],
  bottoms: { min: 1, max: 1 },
  tops: { min: 1, max: 1 },
  inPlace: "wrong",
  shapes,
  reach: (layer) => reachAlong(layer, canonicalAxis(layer.message.message("tile_param").number("axis"), layer.bottoms[0]!.length)),
  onnx: (emit, layer) => {
    const param = layer.message.message("tile_param");
    const rank = layer.bottoms[0]!.length;
    const axis = canonicalAxis(param.number("axis"), rank);
    const repeats = layer.bottoms[0]!.map((_, i) => (i === axis ? param.number("tiles") : 1));
    emit.top(0, emit.node("Tile", [emit.bottom(0), emit.ints(repeats)]));
  },
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const bottom = layer.bottoms[0]!;
  const param = layer.message.message("tile_param");
  const axis = axisOf(layer, param.number("axis"), bottom, "tile_param.axis");
  if (typeof axis !== "number") return axis;
  const tiles = param.number("tiles");
  const shapes = { tops: [bottom.map((dimension, i) => (i === axis ? (tiles > 0 ? dimension * tiles : NaN) : dimension))], params: [] };
  if (!param.has("tiles")) {
    return {
      refused: `${layer.name} needs 'tiles': how often it repeats its input.`,
      at: "tile_param",
      caffe: "Check failed: tile_param.has_tiles() Number of tiles must be specified",
      shapes,
    };
  }
  if (tiles > 0) return shapes;
  return {
    refused: `${layer.name} repeats its input ${tiles} times; 'tiles' must be at least 1.`,
    at: "tile_param.tiles",
    caffe: checkFailed("tiles_ > 0", tiles, 0, "Number of tiles must be positive."),
    shapes,
  };
}
