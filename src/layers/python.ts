import type { LayerType } from "./definition.ts";

/** Python: a layer written in Python; its module decides on everything. Source: `python_layer.hpp`. */
export const python: LayerType = {
  type: "Python",
  doc: "A layer of the user's own, written in Python.",
  params: ["python_param"],
  bottoms: { min: 0 },
  tops: { min: 0 },
  shapes: ({ topNames }) => ({ tops: topNames.map(() => undefined), params: [] }),
  reach: () => ({ kind: "whole" }),
  onnx: "What a Python layer computes is in its Python module, which Net Surgeon does not run.",
};
