import { emptyRefusal } from "./blob.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { anyImage, transformed, transformRefusal } from "./transform.ts";

/** Data: images and labels from an LMDB or LevelDB. Size and channels are in the data; a crop tells the size. Source: `data_layer.cpp`. */
export const data: LayerType = {
  type: "Data",
  doc: "Images and labels from a database (LMDB, LevelDB).",
  params: ["data_param", "transform_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1, max: 2 },
  role: "data",
  shapes,
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const batch = layer.message.message("data_param").number("batch_size");
  const image = [batch, ...transformed(layer, anyImage)];
  const shapes = { tops: [image, [batch]].slice(0, layer.topNames.length), params: [] };
  const refusal =
    transformRefusal(layer, anyImage, "datum") ??
    (batch === 0 ? emptyRefusal(layer, "data_param.batch_size", image) : undefined);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}
