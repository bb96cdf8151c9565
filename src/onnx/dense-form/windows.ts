import { int, ints, type OnnxNode } from "../model.ts";
import { intOf, intsOf, layerOf, noDenseForm, pair, type Pair, type Plane, type Walk } from "./plane.ts";
import { split } from "./fragments.ts";

interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
}

/** A convolution or pooling at every element: its stride left out, its kernel spread over the positions that it would read. */
export function windowNode(walk: Walk, node: OnnxNode, plane: Plane, batch: number): Plane {
  const { graph } = walk;
  const window = windowOf(walk, node, plane);
  const reach = pair((i) => (window.kernel[i] - 1) * window.dilation[i]);
  const size = pair((i) => Math.floor((plane.size[i] - reach[i] - 1) / window.stride[i]) + 1);
  const extent = pair((i) => plane.extent[i] - reach[i] * plane.spacing[i]);
  // A kernel of one row reads the same whatever its dilation; runtimes are faster without.
  const dilation = pair((i) => (window.kernel[i] === 1 ? 1 : window.dilation[i] * plane.spacing[i]));
  const made = { ...plane, size, extent, stride: pair((i) => plane.stride[i] * window.stride[i]) };
  const spread = { ...made, ...writeWindow(walk, node, plane, { ...window, dilation }) };
  if (walk.splitting) return split(graph, spread, window.stride, batch);
  return { ...spread, spacing: pair((i) => plane.spacing[i] * window.stride[i]) };
}

function windowOf(walk: Walk, node: OnnxNode, plane: Plane): Window {
  const { attributes } = node;
  if (node.opType.startsWith("Global")) return { kernel: plane.size, stride: [1, 1], dilation: [1, 1] };
  const auto = attributes["auto_pad"];
  const kernel = intsOf(attributes, "kernel_shape") ?? walk.constants.get(node.inputs[1] ?? "")?.shape.slice(2);
  if (kernel?.length !== 2) return noDenseForm(node, "does not work on rows and columns.");
  if (auto?.kind === "string" && auto.value !== "NOTSET" && auto.value !== "VALID") return refusePadding(node);
  const pads = intsOf(attributes, "pads") ?? [0, 0, 0, 0];
  if (pads.some((pad) => pad !== 0)) return pads.slice(0, 2).some((pad) => pad !== 0) ? refusePadding(node) : refuseClipping(node, plane);
  const both = (name: string): Pair => (intsOf(attributes, name) ?? [1, 1]) as Pair;
  const window = { kernel: kernel as Pair, stride: both("strides"), dilation: both("dilations") };
  const over = pair((i) => plane.size[i] - (window.kernel[i] - 1) * window.dilation[i] - 1);
  if (over[0] < 0 || over[1] < 0) return noDenseForm(node, `reads more than the ${plane.size.join(" x ")} values that a patch gives it.`);
  const isCeil = intOf(attributes, "ceil_mode") === 1 && pair((i) => over[i] % window.stride[i]).some((rest) => rest > 0);
  return isCeil ? refuseClipping(node, plane) : window;
}

function refusePadding(node: OnnxNode): never {
  return noDenseForm(node, "pads its input: the zeros around a patch are not there inside an image.");
}

function refuseClipping(node: OnnxNode, { size }: Plane): never {
  return noDenseForm(node, `has a last window that hangs over the edge of the ${size.join(" x ")} values that a patch gives it; inside an image it sees more.`);
}

/** The node at stride 1; means of spread windows as a convolution of each channel, because pooling of means knows no dilation. */
function writeWindow({ graph, constants, constant }: Walk, node: OnnxNode, { value, channels }: Plane, { kernel, dilation }: Window): { value: string; channels: number } {
  const attributes = { kernel_shape: ints(...kernel), strides: ints(1, 1) };
  const spread = dilation[0] === 1 && dilation[1] === 1 ? attributes : { ...attributes, dilations: ints(...dilation) };
  switch (node.opType) {
    case "Conv": {
      const weights = constants.get(node.inputs[1]!);
      if (weights === undefined) return noDenseForm(node, "computes its weights as it runs.");
      const inputs = [value, ...node.inputs.slice(1).map(constant)];
      const group = int(intOf(node.attributes, "group") ?? 1);
      return { value: graph.node("Conv", inputs, { ...spread, group }, node.outputs[0]), channels: weights.shape[0]! };
    }
    case "MaxPool":
    case "GlobalMaxPool":
      if (node.outputs.length > 1) return noDenseForm(node, "gives out where its largest values stand, which means nothing across patches.");
      return { value: graph.node("MaxPool", [value], spread, node.outputs[0]), channels };
    default: {
      if (!("dilations" in spread)) return { value: graph.node("AveragePool", [value], attributes, node.outputs[0]), channels };
      const taps = kernel[0] * kernel[1];
      const mean = graph.weight(`${layerOf(node)}/mean`, new Float32Array(channels * taps).fill(1 / taps), [channels, 1, ...kernel]);
      return { value: graph.node("Conv", [value, mean], { ...spread, group: int(channels) }, node.outputs[0]), channels };
    }
  }
}
