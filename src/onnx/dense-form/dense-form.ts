import { Failure } from "../../text/failure.ts";
import { buildGraph } from "../builder.ts";
import type { OnnxModel, OnnxNode } from "../model.ts";
import { merge } from "./fragments.ts";
import { crop, noDenseForm, pair, type Pair, type Plane, type Walk } from "./plane.ts";
import { channelNode, channelOps, concatNode, joiningNode, joiningOps, sliceNode, unaryNode, unaryOps } from "./pointwise.ts";
import { windowNode } from "./windows.ts";
import { pays, withFewerProducts } from "./winograd.ts";

/**
 * How strides are undone.
 *
 * - `dilated`: every stride becomes 1, and what follows is spread by it (à trous; Li et al. 2014, Long et al. 2015).
 * - `fragments`: what follows runs on every s-th row and column from each offset, stacked into the batch (max-pooling fragments; Giusti et al. 2013).
 * - `winograd`: as `dilated`, and convolutions that are large enough take up to 7 of 16 fewer products ({@link withFewerProducts}).
 */
export type DenseForm = "dilated" | "fragments" | "winograd";

export const denseForms: readonly DenseForm[] = ["dilated", "fragments", "winograd"];

/** What a dense form is laid out for. */
export interface DenseInput {
  readonly height: number;
  readonly width: number;
  /** Images at once; left out, one. */
  readonly batch?: number;
}

/**
 * A patch classifier as one pass over an image: output (p, q) is what the patch that starts at row p, column q gives.
 *
 * `onPatch` is the fully convolutional net laid out for one patch, where it gives one position. The result gives H - P + 1 rows, W - Q + 1 columns.
 * Exact up to rounding, or a {@link Failure} `bad-net` that names the layer and the reason. `isWorth` says which convolutions `winograd` rewrites.
 */
export function denseForm(onPatch: OnnxModel, input: DenseInput, form: DenseForm, isWorth = pays): OnnxModel {
  const { graph: patchGraph } = onPatch;
  const [image, output] = [patchGraph.inputs[0], patchGraph.outputs[0]];
  if (patchGraph.inputs.length !== 1 || patchGraph.outputs.length !== 1 || image?.shape.length !== 4 || output === undefined) {
    throw new Failure("bad-net", "a net of one image and one output is needed");
  }
  const [, channels, height, width] = image.shape as [number, number, number, number];
  const { batch = 1 } = input;
  const graph = buildGraph(patchGraph.name);
  const constants = new Map(patchGraph.initializers.map((tensor) => [tensor.name, tensor]));
  const copied = new Map<string, string>();
  const walk: Walk = {
    graph,
    planes: new Map(),
    constants,
    splitting: form === "fragments",
    constant: (name) => {
      const tensor = constants.get(name);
      if (tensor === undefined) return name;
      const known = copied.get(name) ?? graph.weight(tensor.name, tensor.data, tensor.shape, tensor.type);
      copied.set(name, known);
      return known;
    },
  };
  const extent: Pair = [input.height, input.width];
  const value = graph.input(image.name, [batch, channels, ...extent], image.type);
  walk.planes.set(image.name, { value, channels, size: [height, width], stride: [1, 1], spacing: [1, 1], extent, splits: [] });
  // The name of the output is for what is left after merging and cropping.
  const source = `${output.name}/plane`;
  const renamed = (name: string): string => (name === output.name ? source : name);
  for (const node of patchGraph.nodes) place(walk, { ...node, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) }, batch);
  const made = walk.planes.get(source);
  if (made === undefined || made.size[0] !== 1 || made.size[1] !== 1) {
    throw new Failure("bad-net", `its output '${output.name}' is not one position a patch`);
  }
  const whole = crop(graph, merge(graph, made, batch), pair((i) => extent[i] - [height, width][i]! + 1));
  graph.output(graph.node("Identity", [whole.value], {}, output.name), [batch, whole.channels, ...whole.extent], output.type);
  if (form !== "winograd") return graph.finish();
  const extents = new Map([...walk.planes.values(), { ...whole, value: output.name }].map(({ value: name, channels: n, extent: size }) => [name, { channels: n, extent: size }]));
  return withFewerProducts(graph.finish(), extents, isWorth, batch);
}

/** The dense form of one node, its outputs among the planes. */
function place(walk: Walk, node: OnnxNode, batch: number): void {
  if (!node.inputs.some((name) => walk.planes.has(name))) placeConstant(walk, node);
  else if (node.opType === "Split") splitChannels(walk, node, walk.planes.get(node.inputs[0]!)!);
  else walk.planes.set(node.outputs[0]!, planeOf(walk, node, batch));
}

function planeOf(walk: Walk, node: OnnxNode, batch: number): Plane {
  const { opType } = node;
  if (joiningOps.has(opType)) return joiningNode(walk, node);
  if (opType === "Concat") return concatNode(walk, node);
  const plane = walk.planes.get(node.inputs[0]!);
  if (plane === undefined) return noDenseForm(node, "uses what it reads from the image as a weight.");
  if (windowOps.has(opType)) return windowNode(walk, node, plane, batch);
  if (unaryOps.has(opType)) return unaryNode(walk, node, plane);
  if (channelOps.has(opType)) return channelNode(walk, node, plane);
  if (opType === "Slice") return sliceNode(walk, node, plane);
  if (opType === "Reshape") return reshapeNode(walk, node, plane);
  return noDenseForm(node, reasons[opType] ?? `has no dense form (${opType}).`);
}

const windowOps = new Set(["Conv", "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"]);

const reasons: Readonly<Record<string, string>> = {
  ConvTranspose: "is a deconvolution: what it gives between its inputs depends on where a patch begins.",
  Resize: "interpolates: what it gives between its inputs depends on where a patch begins.",
  Pad: "pads its input: what surrounds a patch is not there inside an image.",
  Gemm: "multiplies a patch as a vector; convert the net to its fully convolutional form first.",
  Transpose: "exchanges the axes of a patch.",
};

/** What does not depend on the image stays as it is. */
function placeConstant({ graph, constant }: Walk, node: OnnxNode): void {
  const made = graph.nodeOfMany(node.opType, node.inputs.map(constant), node.attributes, node.outputs);
  if (made.some((name, i) => name !== node.outputs[i])) throw new Error(`two values are called ${node.outputs.join(", ")}`);
}

function splitChannels(walk: Walk, node: OnnxNode, plane: Plane): void {
  const axis = node.attributes["axis"];
  const sizes = walk.constants.get(node.inputs[1] ?? "");
  if (axis?.kind !== "int" || axis.value !== 1) noDenseForm(node, "cuts rows or columns of a patch.");
  const values = walk.graph.nodeOfMany("Split", [plane.value, ...node.inputs.slice(1).map(walk.constant)], node.attributes, node.outputs);
  values.forEach((value, i) => {
    const channels = sizes === undefined ? plane.channels / values.length : Number(sizes.data[i]);
    walk.planes.set(node.outputs[i]!, { ...plane, value, channels });
  });
}

/** A reshape that leaves batch, rows and columns where they are does nothing to a plane. */
function reshapeNode(walk: Walk, node: OnnxNode, plane: Plane): Plane {
  const shape = walk.constants.get(node.inputs[1] ?? "");
  const wanted = shape === undefined ? [] : Array.from(shape.data as Iterable<number | bigint>, Number);
  const now = [1, plane.channels, ...plane.size];
  const stays = wanted.length === 4 && wanted.every((size, i) => size === now[i]);
  return stays ? plane : noDenseForm(node, `lays the ${plane.size.join(" x ")} values of a patch out anew, which has no dense form.`);
}

