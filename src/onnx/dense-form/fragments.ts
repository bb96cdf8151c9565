import type { GraphBuilder } from "../builder.ts";
import { ints, int } from "../model.ts";
import { crop, pair, type Pair, type Plane } from "./plane.ts";

/**
 * A plane cut into fragments: every `step`-th row and column, from each offset (Giusti et al. 2013). They become members of the batch, the offsets of this
 * cut before those of earlier ones. Planes that do not come out even are filled up; what is computed from the filling lies beyond the last whole patch.
 */
export function split(graph: GraphBuilder, plane: Plane, step: Pair, batch: number): Plane {
  if (step[0] === 1 && step[1] === 1) return plane;
  const extent = pair((i) => Math.ceil(plane.extent[i] / step[i]));
  const missing = pair((i) => extent[i] * step[i] - plane.extent[i]);
  const label = `${plane.value}/split`;
  const even = missing[0] + missing[1] === 0 ? plane.value : graph.node("Pad", [plane.value, graph.constant("int64", [0, 0, 0, 0, 0, 0, ...missing])], {}, label);
  const members = membersOf(plane.splits, batch);
  const apart = reshape(graph, even, [members, plane.channels, extent[0], step[0], extent[1], step[1]], label);
  const turned = graph.node("Transpose", [apart], { perm: ints(3, 5, 0, 1, 2, 4) }, label);
  const value = reshape(graph, turned, [step[0] * step[1] * members, plane.channels, ...extent], label);
  return { ...plane, value, extent, splits: [...plane.splits, step] };
}

/** The plane put together again from its fragments, each element where it belongs. */
export function merge(graph: GraphBuilder, plane: Plane, batch: number): Plane {
  if (plane.splits.length === 0) return plane;
  const label = `${plane.value}/merge`;
  const cuts = [...plane.splits].reverse();
  const apart = reshape(graph, plane.value, [...cuts.flat(), batch, plane.channels, ...plane.extent], label);
  const n = cuts.length;
  const offsets = (axis: 0 | 1): number[] => cuts.map((_, i) => 2 * i + axis);
  // Row h of the fragment with offsets f1, f2 … is row (h * s2 + f2) * s1 + f1 of the plane.
  const perm = [2 * n, 2 * n + 1, 2 * n + 2, ...offsets(0), 2 * n + 3, ...offsets(1)];
  const turned = graph.node("Transpose", [apart], { perm: ints(...perm) }, label);
  const extent = pair((i) => plane.extent[i] * cuts.reduce((product, cut) => product * cut[i], 1));
  return { ...plane, value: reshape(graph, turned, [batch, plane.channels, ...extent], label), extent, splits: [] };
}

/** Planes cut alike, and to one extent, so that their elements can be joined one by one; undefined where they are cut differently. */
export function alike(graph: GraphBuilder, planes: readonly Plane[]): Plane[] | undefined {
  const cuts = planes.map((plane) => plane.splits.join(";"));
  if (cuts.some((cut) => cut !== cuts[0])) return undefined;
  const extent = pair((i) => Math.min(...planes.map((plane) => plane.extent[i])));
  return planes.map((plane) => crop(graph, plane, extent));
}

function membersOf(splits: readonly Pair[], batch: number): number {
  return splits.reduce((product, [rows, columns]) => product * rows * columns, batch);
}

function reshape(graph: GraphBuilder, value: string, shape: readonly number[], label: string): string {
  return graph.node("Reshape", [value, graph.constant("int64", shape)], { allowzero: int(1) }, label);
}
