import type { Reach, ShapedLayer } from "./definition.ts";

/** The reach of a layer that mixes values along one axis: `whole` for rows and columns (and for blobs that have none), else pointwise. */
export function reachAlong(layer: ShapedLayer, axis: number | undefined): Reach {
  const rank = layer.bottoms[0]?.length ?? 0;
  const pointwise = axis !== undefined && (axis === 1 || (rank === 4 && axis < 2));
  return { kind: pointwise ? "pointwise" : "whole" };
}
