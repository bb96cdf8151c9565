import type { LayerType, Refusal, ShapedLayer } from "./definition.ts";
import { volume } from "./shape.ts";

/** What tells one layer that works value by value from another. */
export type NeuronRule = Pick<LayerType, "type" | "doc" | "params" | "onnx" | "dialects" | "inPlace"> & {
  /** Operations for each value; 1 where it is not given. */
  readonly operations?: number;
  readonly refuse?: (layer: ShapedLayer) => Refusal | undefined;
};

/** A layer that works value by value: one bottom, one top of the same shape, nothing learned. Source: `neuron_layer.cpp`. */
export function neuron(rule: NeuronRule): LayerType {
  const { operations = 1, refuse, ...type } = rule;
  return {
    ...type,
    bottoms: { min: 1, max: 1 },
    tops: { min: 1, max: 1 },
    shapes: (layer) => {
      const shapes = { tops: [layer.bottoms[0]!], params: [] };
      const refusal = refuse?.(layer);
      return refusal === undefined ? shapes : { ...refusal, shapes };
    },
    multiplyAdds: ({ bottoms: [bottom] }) => operations * volume(bottom!),
    reach: () => ({ kind: "pointwise" }),
  };
}
