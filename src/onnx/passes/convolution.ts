import type { OnnxNode, OnnxTensor } from "../model.ts";
import type { GraphFacts } from "./pass.ts";

/** A convolution whose weights are known. */
export interface KnownConvolution {
  readonly node: OnnxNode;
  /** Outputs, channels of one group, kernel. */
  readonly weights: OnnxTensor & { readonly data: Float32Array };
  /** One value an output; zeros where the node has none. */
  readonly bias: Float32Array;
  readonly group: number;
  readonly isPadded: boolean;
}

/** The node as a convolution with known weights; undefined where it is none. */
export function knownConvolution(node: OnnxNode | undefined, { constants }: GraphFacts): KnownConvolution | undefined {
  if (node?.opType !== "Conv") return undefined;
  const weights = constants.get(node.inputs[1]!);
  const given = node.inputs[2] === undefined || node.inputs[2] === "" ? undefined : constants.get(node.inputs[2]);
  const isOpen = node.inputs[2] !== undefined && node.inputs[2] !== "" && given === undefined;
  if (!(weights?.data instanceof Float32Array) || isOpen || (given !== undefined && !(given.data instanceof Float32Array))) return undefined;
  const { group, pads, auto_pad: auto } = node.attributes;
  return {
    node,
    weights: { ...weights, data: weights.data },
    bias: given === undefined ? new Float32Array(weights.shape[0]!) : (given.data as Float32Array),
    group: group?.kind === "int" ? group.value : 1,
    isPadded: (pads?.kind === "ints" && pads.value.some((pad) => pad !== 0)) || (auto?.kind === "string" && auto.value.startsWith("SAME")),
  };
}

/** The convolution with other weights and bias, under names of its own, and its tensors. */
export function withWeights(
  { node, weights: before }: KnownConvolution, weights: Float32Array, bias: Float32Array, output = node.outputs[0]!,
): { node: OnnxNode; tensors: OnnxTensor[] } {
  const [w, b] = [`${output}/folded_weights`, `${output}/folded_bias`];
  const tensors: OnnxTensor[] = [
    { name: w, type: "float32", shape: before.shape, data: weights },
    { name: b, type: "float32", shape: [bias.length], data: bias },
  ];
  return { node: { ...node, inputs: [node.inputs[0]!, w, b], outputs: [output] }, tensors };
}
