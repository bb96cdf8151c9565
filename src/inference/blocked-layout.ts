import { intOf, intsOf, pair, type Pair } from "../onnx/dense-form/plane.ts";
import { elementCount, type OnnxGraph, type OnnxModel, type OnnxNode } from "../onnx/model.ts";

/**
 * onnxruntime runs convolutions and pooling on the CPU with channels in blocks of 8 or 16, and knows few operators beside them in that layout: around the square
 * roots and quotients of LRN it writes the values out in rows, and back into blocks. Operators that take every element by itself need neither.
 *
 * What is done here concerns only a model that onnxruntime has optimised itself, on this machine, with those conversions in it.
 */
const BLOCKED = "com.microsoft.nchwc";

/** Operators of one element, that onnxruntime leaves outside blocks. */
const unary = new Set(["Abs", "Elu", "Exp", "LeakyRelu", "Log", "Neg", "Reciprocal", "Softplus", "Sqrt"]);
/** Those that join two, each of its own place. */
const joining = new Set(["Add", "Div", "Mul", "Pow", "Sub"]);
/** Those of them that onnxruntime knows in blocks itself. */
const known = new Set(["Add", "Mul"]);

/** A multiple of every size of block: channels that fill their blocks have no places left over, where a quotient would be 0 / 0. */
const WHOLE = 16;

/** Whether a model, before onnxruntime has seen it, has anything that could stay in blocks. */
export function mayStayInBlocks({ graph }: OnnxModel): boolean {
  const has = (wanted: (node: OnnxNode) => boolean): boolean => graph.nodes.some(wanted);
  return has(({ opType }) => opType === "Conv") && has((node) => isConcat(node, 0) || ((unary.has(node.opType) || joining.has(node.opType)) && !known.has(node.opType)));
}

/** The optimised model without conversions that only surround operators of single elements; undefined where there are none. */
export function inBlocks(model: OnnxModel): OnnxModel | undefined {
  const { graph } = model;
  const scalars = new Set(graph.initializers.filter(({ shape }) => elementCount(shape) === 1).map(({ name }) => name));
  const extents = extentsOf(graph);
  /** Whether all are blocks of one extent, or single numbers: what is spread over rows and columns lies elsewhere in blocks. */
  const areAlike = (inputs: readonly string[]): boolean => {
    const spread = inputs.filter((name) => !scalars.has(name));
    const extent = extents.get(spread[0] ?? "");
    return extent !== undefined && spread.every((name) => blocks.has(name) && String(extents.get(name)) === String(extent));
  };
  /** Values in rows that there are in blocks too, and what they are called there. */
  const blocks = new Map<string, string>();
  const renamed = new Map<string, string>();
  const nodes: OnnxNode[] = [];
  for (const given of graph.nodes) {
    const node = given.inputs.some((name) => renamed.has(name)) ? { ...given, inputs: given.inputs.map((name) => renamed.get(name) ?? name) } : given;
    if (isConversion(node, "ReorderInput") && blocks.has(node.inputs[0]!)) {
      renamed.set(node.outputs[0]!, blocks.get(node.inputs[0]!)!);
      continue;
    }
    nodes.push(node);
    if (isConversion(node, "ReorderOutput") && (intOf(node.attributes, "channels") ?? 1) % WHOLE === 0) blocks.set(node.outputs[0]!, node.inputs[0]!);
    // Members of the batch are whole numbers of blocks, one behind the other.
    else if ((isOfSingleElements(node) || isConcat(node, 0)) && areAlike(node.inputs)) {
      const output = `${node.outputs[0]!}/blocked`;
      nodes.push({ ...node, name: `${node.name}/blocked`, inputs: node.inputs.map((name) => blocks.get(name) ?? name), outputs: [output] });
      blocks.set(node.outputs[0]!, output);
    }
  }
  return renamed.size === 0 ? undefined : { ...model, graph: withoutUnread({ ...graph, nodes }) };
}

/** Rows and columns of values, as far as they follow from the size of the image. */
function extentsOf({ inputs, nodes, initializers }: OnnxGraph): Map<string, Pair> {
  const extents = new Map<string, Pair>();
  const [image, ...others] = inputs;
  const [, , rows, columns] = image?.shape ?? [];
  if (others.length > 0 || typeof rows !== "number" || typeof columns !== "number") return extents;
  extents.set(image!.name, [rows, columns]);
  const shapes = new Map(initializers.map(({ name, shape }) => [name, shape]));
  for (const node of nodes) {
    const given = node.inputs.map((name) => extents.get(name)).filter((extent) => extent !== undefined);
    const [first] = given;
    if (first === undefined) continue;
    const isOfOne = isOfSingleElements(node) || isConcat(node, 0) || isConcat(node, 1) || ["Relu", "Sigmoid", "Tanh", "ReorderInput", "ReorderOutput"].includes(node.opType);
    const extent = isOfOne && given.every((other) => String(other) === String(first)) ? first : windowed(node, first, shapes.get(node.inputs[1] ?? ""));
    if (extent !== undefined) extents.set(node.outputs[0]!, extent);
  }
  return extents;
}

function windowed({ opType, attributes }: OnnxNode, extent: Pair, weights: readonly number[] | undefined): Pair | undefined {
  if (!["AveragePool", "Conv", "MaxPool"].includes(opType)) return undefined;
  const { auto_pad: auto } = attributes;
  const kernel = intsOf(attributes, "kernel_shape") ?? weights?.slice(2) ?? [];
  if (kernel.length !== 2 || (auto?.kind === "string" && auto.value !== "NOTSET" && auto.value !== "") || (intOf(attributes, "ceil_mode") ?? 0) !== 0) return undefined;
  const [strides, dilations, pads] = [intsOf(attributes, "strides") ?? [1, 1], intsOf(attributes, "dilations") ?? [1, 1], intsOf(attributes, "pads") ?? [0, 0, 0, 0]];
  return pair((axis) => Math.floor((extent[axis] + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1) / strides[axis]!) + 1);
}

function isConversion({ domain, opType, attributes }: OnnxNode, wanted: "ReorderInput" | "ReorderOutput"): boolean {
  return domain === BLOCKED && opType === wanted && (intOf(attributes, "channels_last") ?? 0) === 0;
}

function isOfSingleElements({ domain, opType, inputs, outputs }: OnnxNode): boolean {
  return domain === undefined && outputs.length === 1 && ((unary.has(opType) && inputs.length === 1) || (joining.has(opType) && inputs.length === 2));
}

function isConcat({ opType, attributes }: OnnxNode, axis: number): boolean {
  return opType === "Concat" && intOf(attributes, "axis") === axis;
}

function withoutUnread(graph: OnnxGraph): OnnxGraph {
  const read = new Set(graph.outputs.map(({ name }) => name));
  const nodes = [...graph.nodes].reverse().filter(({ inputs, outputs }) => {
    if (!outputs.some((name) => read.has(name))) return false;
    inputs.forEach((name) => read.add(name));
    return true;
  });
  return { ...graph, nodes: nodes.reverse(), initializers: graph.initializers.filter(({ name }) => read.has(name)) };
}
