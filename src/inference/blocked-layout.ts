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
  const has = (wanted: (opType: string) => boolean): boolean => graph.nodes.some(({ opType }) => wanted(opType));
  return has((opType) => opType === "Conv") && has((opType) => (unary.has(opType) || joining.has(opType)) && !known.has(opType));
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
    const channels = node.attributes["channels"];
    if (isConversion(node, "ReorderOutput") && channels?.kind === "int" && channels.value % WHOLE === 0) blocks.set(node.outputs[0]!, node.inputs[0]!);
    else if (isOfSingleElements(node) && areAlike(node.inputs)) {
      const output = `${node.outputs[0]!}/blocked`;
      nodes.push({ ...node, name: `${node.name}/blocked`, inputs: node.inputs.map((name) => blocks.get(name) ?? name), outputs: [output] });
      blocks.set(node.outputs[0]!, output);
    }
  }
  return renamed.size === 0 ? undefined : { ...model, graph: withoutUnread({ ...graph, nodes }) };
}

type Extent = readonly [rows: number, columns: number];

/** Rows and columns of values, as far as they follow from the size of the image. */
function extentsOf({ inputs, nodes, initializers }: OnnxGraph): Map<string, Extent> {
  const extents = new Map<string, Extent>();
  const [image, ...others] = inputs;
  const [, , rows, columns] = image?.shape ?? [];
  if (others.length > 0 || typeof rows !== "number" || typeof columns !== "number") return extents;
  extents.set(image!.name, [rows, columns]);
  const shapes = new Map(initializers.map(({ name, shape }) => [name, shape]));
  for (const node of nodes) {
    const given = node.inputs.map((name) => extents.get(name)).filter((extent) => extent !== undefined);
    const [first] = given;
    if (first === undefined) continue;
    const isOfOne = isOfSingleElements(node) || ["Relu", "Sigmoid", "Tanh", "ReorderInput", "ReorderOutput"].includes(node.opType);
    const extent = isOfOne && given.every((other) => String(other) === String(first)) ? first : windowed(node, first, shapes.get(node.inputs[1] ?? ""));
    if (extent !== undefined) extents.set(node.outputs[0]!, extent);
  }
  return extents;
}

function windowed({ opType, attributes }: OnnxNode, extent: Extent, weights: readonly number[] | undefined): Extent | undefined {
  if (!["AveragePool", "Conv", "MaxPool"].includes(opType)) return undefined;
  const list = (name: string, missing: readonly number[]): readonly number[] => {
    const attribute = attributes[name];
    return attribute?.kind === "ints" ? attribute.value : missing;
  };
  const { auto_pad: auto, ceil_mode: ceil } = attributes;
  const kernel = list("kernel_shape", weights?.slice(2) ?? []);
  if (kernel.length !== 2 || (auto?.kind === "string" && auto.value !== "NOTSET" && auto.value !== "") || (ceil?.kind === "int" && ceil.value !== 0)) return undefined;
  const [strides, dilations, pads] = [list("strides", [1, 1]), list("dilations", [1, 1]), list("pads", [0, 0, 0, 0])];
  const along = (axis: 0 | 1): number =>
    Math.floor((extent[axis] + pads[axis]! + pads[axis + 2]! - (kernel[axis]! - 1) * dilations[axis]! - 1) / strides[axis]!) + 1;
  return [along(0), along(1)];
}

function isConversion({ domain, opType, attributes }: OnnxNode, wanted: "ReorderInput" | "ReorderOutput"): boolean {
  const last = attributes["channels_last"];
  return domain === BLOCKED && opType === wanted && (last === undefined || (last.kind === "int" && last.value === 0));
}

function isOfSingleElements({ domain, opType, inputs, outputs }: OnnxNode): boolean {
  return domain === undefined && outputs.length === 1 && ((unary.has(opType) && inputs.length === 1) || (joining.has(opType) && inputs.length === 2));
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
