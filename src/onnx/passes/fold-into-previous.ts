import type { OnnxGraph } from "../model.ts";
import { channelAffine, ofChannel } from "./channel-affine.ts";
import { knownConvolution, withWeights } from "./convolution.ts";
import { factsOf, rewritten, untilDone, type Pass } from "./pass.ts";

/** BatchNorm, Scale and Bias after a convolution as part of its weights: s * (w * x + b) + t = (s * w) * x + (s * b + t). */
export const foldIntoPrevious: Pass = {
  name: "fold-into-previous",
  doc: "BatchNorm, Scale and Bias become part of the convolution before them.",
  run: (graph) => untilDone(graph, foldOne),
};

function foldOne(graph: OnnxGraph): OnnxGraph | undefined {
  const facts = factsOf(graph);
  for (const node of graph.nodes) {
    const affine = channelAffine(node, facts);
    const convolution = affine && knownConvolution(facts.maker(affine.value), facts);
    if (convolution === undefined || facts.readers(affine!.value).length > 1 || facts.isOutput(affine!.value)) continue;
    const { scale, shift } = affine!;
    const { weights, bias } = convolution;
    const size = weights.data.length / bias.length;
    if (scale.length > bias.length || shift.length > bias.length) continue;
    const scaled = weights.data.map((w, i) => w * ofChannel(scale, Math.floor(i / size)));
    const moved = bias.map((b, i) => b * ofChannel(scale, i) + ofChannel(shift, i));
    const folded = withWeights(convolution, scaled, moved, node.outputs[0]);
    return rewritten(graph, new Map([[convolution.node, folded.node], [node, undefined]]), folded.tensors);
  }
  return undefined;
}
