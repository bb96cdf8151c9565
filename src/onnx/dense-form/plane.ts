import type { GraphBuilder } from "../builder.ts";
import type { AttributeValue, OnnxNode, OnnxTensor } from "../model.ts";
import { Failure } from "../../text/failure.ts";

/** Rows and columns. */
export type Pair = readonly [number, number];

/**
 * A blob of a patch net and the plane that holds it for every patch at once.
 *
 * Position (i, j) of the blob on the patch that starts at (p, q) is element (p + i * spacing, q + j * spacing) of the plane; where the plane is cut into
 * fragments, element (p, q) is found by taking p and q apart with `splits`.
 */
export interface Plane {
  /** The value of the dense model. */
  readonly value: string;
  readonly channels: number;
  /** Rows and columns of the blob on one patch. */
  readonly size: Pair;
  /** Steps on the image between neighbouring positions of the blob. */
  readonly stride: Pair;
  /** Elements of the plane between neighbouring positions: the stride that has not been split off. */
  readonly spacing: Pair;
  /** Rows and columns of the plane, or of each of its fragments. */
  readonly extent: Pair;
  /** What the plane was cut by into fragments, first cut first. Fragments lie on the batch axis. */
  readonly splits: readonly Pair[];
}

/** What the walk over a patch net knows: what has been made so far. */
export interface Walk {
  readonly graph: GraphBuilder;
  readonly planes: Map<string, Plane>;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** Whether strides cut planes into fragments, or spread what follows. */
  readonly splitting: boolean;
  /** The name in the new graph of a constant of the old one. */
  readonly constant: (name: string) => string;
}

/** The layer a node was written for, as users know it. */
export function layerOf(node: OnnxNode): string {
  const slash = node.name.lastIndexOf("/");
  return slash > 0 ? node.name.slice(0, slash) : node.name || node.opType;
}

/** Ends the walk: the net has no dense form, for this reason. */
export function noDenseForm(node: OnnxNode, reason: string): never {
  throw new Failure("bad-net", `${layerOf(node)} ${reason}`);
}

/** The values of an attribute of whole numbers. */
export function intsOf(attributes: Readonly<Record<string, AttributeValue>>, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute?.kind === "ints" ? attribute.value : undefined;
}

/** The value of an attribute of one whole number. */
export function intOf(attributes: Readonly<Record<string, AttributeValue>>, name: string): number | undefined {
  const attribute = attributes[name];
  return attribute?.kind === "int" ? attribute.value : undefined;
}

/** Both axes at once. */
export function pair(along: (axis: 0 | 1) => number): Pair {
  return [along(0), along(1)];
}

/** The first rows and columns of a plane. */
export function crop(graph: GraphBuilder, plane: Plane, extent: Pair): Plane {
  if (extent[0] === plane.extent[0] && extent[1] === plane.extent[1]) return plane;
  const ends = graph.constant("int64", extent);
  const value = graph.node("Slice", [plane.value, graph.constant("int64", [0, 0]), ends, graph.constant("int64", [2, 3])], {}, `${plane.value}/crop`);
  return { ...plane, value, extent };
}
