import type { OnnxGraph, OnnxNode, OnnxTensor } from "../model.ts";
import { channelAffine, ofChannel, type ChannelAffine } from "./channel-affine.ts";
import { knownConvolution, withWeights, type KnownConvolution } from "./convolution.ts";
import { factsOf, rewritten, untilDone, type Pass } from "./pass.ts";

/**
 * BatchNorm, Scale and Bias before convolutions as part of their weights: w * (s * x + t) + b = (w * s) * x + (sum of w * t + b).
 * A shift is not folded into a padded convolution, whose zeros it would not reach.
 */
export const foldIntoNext: Pass = {
  name: "fold-into-next",
  doc: "BatchNorm, Scale and Bias become part of the convolutions after them.",
  run: (graph) => untilDone(graph, foldOne),
};

function foldOne(graph: OnnxGraph): OnnxGraph | undefined {
  const facts = factsOf(graph);
  for (const node of graph.nodes) {
    const affine = channelAffine(node, facts);
    if (affine === undefined || facts.isOutput(node.outputs[0]!)) continue;
    const readers = facts.readers(node.outputs[0]!).map((reader) => (reader.inputs[0] === node.outputs[0] ? knownConvolution(reader, facts) : undefined));
    const isFlat = affine.shift.every((x) => x === 0);
    const channels = Math.max(affine.scale.length, affine.shift.length);
    const fits = (c: KnownConvolution | undefined): c is KnownConvolution => c !== undefined && (isFlat || !c.isPadded) && channels <= c.weights.shape[1]! * c.group;
    if (readers.length === 0 || !readers.every(fits)) continue;
    const folded = readers.map((reader) => fold(reader, affine));
    const changes = new Map<OnnxNode, OnnxNode | undefined>([[node, undefined], ...folded.map(({ from, node: to }): [OnnxNode, OnnxNode] => [from, to])]);
    return rewritten(graph, changes, folded.flatMap(({ tensors }) => tensors));
  }
  return undefined;
}

function fold(convolution: KnownConvolution, { value, scale, shift }: ChannelAffine): { from: OnnxNode; node: OnnxNode; tensors: OnnxTensor[] } {
  const { weights, bias, group } = convolution;
  const [outputs, channels] = weights.shape as [number, number];
  const taps = weights.data.length / (outputs * channels);
  const scaled = new Float32Array(weights.data.length);
  const moved = Float64Array.from(bias);
  for (let i = 0; i < weights.data.length; i++) {
    const output = Math.floor(i / (channels * taps));
    // Outputs of group g read the g-th part of the channels.
    const channel = Math.floor(output / (outputs / group)) * channels + (Math.floor(i / taps) % channels);
    scaled[i] = weights.data[i]! * ofChannel(scale, channel);
    moved[output]! += weights.data[i]! * ofChannel(shift, channel);
  }
  const { node, tensors } = withWeights(convolution, scaled, Float32Array.from(moved));
  return { from: convolution.node, node: { ...node, inputs: [value, ...node.inputs.slice(1)] }, tensors };
}
