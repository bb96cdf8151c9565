import { bottomText, legacyRefusal } from "./blob.ts";
import { checkFailed, legacyShape } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { differ } from "./shape.ts";

/** HDF5Output: writes data and labels to an HDF5 file. Source: `hdf5_output_layer.cpp`. */
export const hdf5Output: LayerType = {
  type: "HDF5Output",
  doc: "Writes two blobs to an HDF5 file.",
  params: ["hdf5_output_param"],
  bottoms: { min: 2, max: 2 },
  tops: { min: 0, max: 0 },
  shapes,
  shapesUnknown: () => ({ tops: [], params: [] }),
  reach: () => ({ kind: "none" }),
  onnx: "It writes a file, which a model does not; what it would write are its bottoms.",
};

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const shapes = { tops: [], params: [] };
  const [data, label] = [layer.bottoms[0]!, layer.bottoms[1]!];
  const legacy = legacyRefusal(layer, 0, data, "run") ?? legacyRefusal(layer, 1, label, "run");
  if (legacy !== undefined) return { ...legacy, shapes };
  const [a, b] = [legacyShape(data)[0], legacyShape(label)[0]];
  if (!differ(a, b)) return shapes;
  return {
    refused: `${layer.name} writes ${bottomText(layer, 0)} with ${bottomText(layer, 1)}: their first dimensions must be equal.`,
    at: "bottom.1",
    caffe: checkFailed("bottom[0]->num() == bottom[1]->num()", a, b),
    when: "run",
    shapes,
  };
}
