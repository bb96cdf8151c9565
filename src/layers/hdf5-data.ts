import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";

/** HDF5Data: data sets of HDF5 files, named like the tops. Their shapes are in the files. Source: `hdf5_data_layer.cpp`. */
export const hdf5Data: LayerType = {
  type: "HDF5Data",
  doc: "Blobs from HDF5 files: the data sets named like its tops.",
  params: ["hdf5_data_param"],
  bottoms: { min: 0, max: 0 },
  tops: { min: 1 },
  role: "data",
  shapes,
  reach: () => ({ kind: "none" }),
  onnx: "It becomes an input of the model.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const shapes = { tops: layer.topNames.map(() => undefined), params: [] };
  if (!layer.message.has("transform_param")) return shapes;
  return {
    refused: `${layer.name} does not transform data. Remove transform_param and prepare the HDF5 files.`,
    at: "transform_param",
    caffe: "Check failed: !this->layer_param_.has_transform_param() HDF5Data does not transform data.",
    shapes,
  };
}
