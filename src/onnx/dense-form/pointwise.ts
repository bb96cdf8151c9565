import { elementCount, type OnnxNode, type OnnxTensor } from "../model.ts";
import { alike } from "./fragments.ts";
import { intOf, intsOf, noDenseForm, pair, type Plane, type Walk } from "./plane.ts";

/** Operators of one value that treat all rows and columns alike. */
export const unaryOps = new Set([
  "Abs", "BatchNormalization", "Cast", "Ceil", "Clip", "Dropout", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log",
  "LRN", "Neg", "Not", "RandomUniformLike", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Softplus", "Softsign", "Sqrt", "Tanh", "ThresholdedRelu",
]);

/** Operators that join values element by element. */
export const joiningOps = new Set([
  "Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "PRelu", "Sub", "Sum", "Where",
]);

/** Operators along the channels: axis 1 where they name one. */
export const channelOps = new Set(["ArgMax", "Hardmax", "LogSoftmax", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum", "Softmax"]);

/** The node as it is, on a plane. */
export function unaryNode({ graph, constant }: Walk, node: OnnxNode, plane: Plane): Plane {
  return { ...plane, value: graph.node(node.opType, [plane.value, ...node.inputs.slice(1).map(constant)], node.attributes, node.outputs[0]) };
}

/** Softmax and the like; along rows or columns they would mix what lies far apart. */
export function channelNode(walk: Walk, node: OnnxNode, plane: Plane): Plane {
  const axes = intsOf(node.attributes, "axes") ?? axesInput(walk, node) ?? [intOf(node.attributes, "axis") ?? -1];
  const isChannels = axes.length === 1 && (axes[0] === 1 || axes[0] === -3);
  if (!isChannels || intOf(node.attributes, "keepdims") === 0) return noDenseForm(node, "works along rows or columns, which are others on a patch than inside an image.");
  const reduces = node.opType.startsWith("Reduce") || node.opType === "ArgMax";
  return { ...unaryNode(walk, node, plane), channels: reduces ? 1 : plane.channels };
}

function axesInput({ constants }: Walk, node: OnnxNode): number[] | undefined {
  const data = constants.get(node.inputs[1] ?? "")?.data;
  return data === undefined ? undefined : Array.from(data as Iterable<number | bigint>, Number);
}

/** Values joined element by element: planes of equal stride, and constants that are the same at every position. */
export function joiningNode(walk: Walk, node: OnnxNode): Plane {
  const planes = matched(walk, node, node.inputs.map((name) => walk.planes.get(name)).filter((plane) => plane !== undefined));
  const inputs = node.inputs.map((name) => {
    const index = node.inputs.filter((other) => walk.planes.has(other)).indexOf(name);
    if (index >= 0) return planes[index]!.value;
    const tensor = walk.constants.get(name);
    return name === "" ? "" : tensor === undefined ? walk.constant(name) : alikeEverywhere(walk, node, tensor);
  });
  const channels = Math.max(...planes.map((plane) => plane.channels), ...node.inputs.map((name) => walk.constants.get(name)?.shape.at(-3) ?? 1));
  return { ...planes[0]!, value: walk.graph.node(node.opType, inputs, node.attributes, node.outputs[0]), channels };
}

/** Channels of several planes laid behind each other. */
export function concatNode(walk: Walk, node: OnnxNode): Plane {
  const axis = intOf(node.attributes, "axis");
  if (axis !== 1 && axis !== -3) return noDenseForm(node, "joins rows or columns of a patch; inside an image others follow.");
  const parts = node.inputs.map((name) => walk.planes.get(name) ?? noDenseForm(node, "joins what it reads with constants."));
  const planes = matched(walk, node, parts);
  const value = walk.graph.node("Concat", planes.map((plane) => plane.value), node.attributes, node.outputs[0]);
  return { ...planes[0]!, value, channels: planes.reduce((sum, plane) => sum + plane.channels, 0) };
}

/** Planes whose positions lie on the same pixels, cropped to one extent. */
function matched(walk: Walk, node: OnnxNode, planes: readonly Plane[]): Plane[] {
  const [first] = planes as [Plane, ...Plane[]];
  for (const other of planes) {
    const differs = ([0, 1] as const).some((i) => other.size[i] !== first.size[i]);
    if (differs) return noDenseForm(node, `joins blobs of ${first.size.join(" x ")} and ${other.size.join(" x ")} values.`);
    const isApart = ([0, 1] as const).some((i) => first.size[i] > 1 && (other.stride[i] !== first.stride[i] || other.spacing[i] !== first.spacing[i]));
    if (isApart) return noDenseForm(node, `joins blobs of unequal stride: ${first.stride.join(" x ")} and ${other.stride.join(" x ")}.`);
  }
  return alike(walk.graph, planes) ?? noDenseForm(node, "joins blobs whose fragments were cut by unequal strides.");
}

/** A constant without rows and columns of its own: as it is, or one value a channel where all its rows and columns hold the same. */
function alikeEverywhere(walk: Walk, node: OnnxNode, tensor: OnnxTensor): string {
  const { shape, data, name } = tensor;
  if (shape.length === 0 || shape.slice(-2).every((size) => size === 1)) return walk.constant(name);
  const inner = elementCount(shape.slice(-2));
  const outer = elementCount(shape) / inner;
  const first = Float32Array.from({ length: outer }, (_, i) => Number(data[i * inner]));
  if (tensor.type !== "float32" || data.some((value, i) => value !== first[Math.floor(i / inner)])) {
    return noDenseForm(node, "has a constant for every position of a patch; inside an image a pixel stands at all of them.");
  }
  return walk.graph.weight(`${name}/alike`, first, [...shape.slice(0, -2), ...shape.slice(-2).map(() => 1)]);
}

/** Part of the channels, or of the rows and columns from an offset on. */
export function sliceNode(walk: Walk, node: OnnxNode, plane: Plane): Plane {
  const { graph, constants } = walk;
  const list = (i: number): number[] | undefined => {
    const tensor = constants.get(node.inputs[i] ?? "");
    return tensor === undefined ? undefined : Array.from(tensor.data as Iterable<number | bigint>, Number);
  };
  const [starts, ends] = [list(1), list(2)];
  if (starts === undefined || ends === undefined) return noDenseForm(node, "cuts at places that are computed as it runs.");
  const axes = list(3) ?? starts.map((_, i) => i);
  if (axes.includes(0) || (list(4) ?? []).some((step) => step !== 1)) return noDenseForm(node, "takes members of the batch, or every other value.");
  const sizes = [1, plane.channels, ...plane.size];
  const from = [0, 0, 0, 0];
  const to = [...sizes];
  axes.forEach((given, i) => {
    const axis = given < 0 ? given + 4 : given;
    const within = (n: number): number => Math.max(0, Math.min(sizes[axis]!, n < 0 ? n + sizes[axis]! : n));
    from[axis] = within(starts[i]!);
    to[axis] = within(ends[i]!);
  });
  const offset = pair((i) => from[2 + i]! * plane.spacing[i]);
  const extent = pair((i) => plane.extent[i] - offset[i]);
  const begin = graph.constant("int64", [from[1]!, ...offset]);
  const end = graph.constant("int64", [to[1]!, ...plane.extent]);
  const value = graph.node("Slice", [plane.value, begin, end, graph.constant("int64", [1, 2, 3])], {}, node.outputs[0]);
  return { ...plane, value, extent, channels: to[1]! - from[1]!, size: pair((i) => to[2 + i]! - from[2 + i]!) };
}
