import type { OnnxGraph } from "../model.ts";
import { knownConvolution, withWeights } from "./convolution.ts";
import { factsOf, rewritten, untilDone, type Pass } from "./pass.ts";

/**
 * Softmax over the two outputs of a convolution as the Sigmoid of their difference, e^a / (e^a + e^b) = 1 / (1 + e^(b - a)): the convolution gives the
 * differences, and runtimes compute a Sigmoid in place, where a Softmax over channels is turned about in memory twice.
 */
export const softmaxOfTwo: Pass = {
  name: "softmax-of-two",
  doc: "Softmax over two classes becomes Sigmoid of the difference of their scores.",
  run: (graph) => untilDone(graph, replaceOne),
};

function replaceOne(graph: OnnxGraph): OnnxGraph | undefined {
  const facts = factsOf(graph);
  for (const node of graph.nodes) {
    const axis = node.attributes["axis"];
    if (node.opType !== "Softmax" || axis?.kind !== "int" || (axis.value !== 1 && axis.value !== -3)) continue;
    const scores = node.inputs[0]!;
    const convolution = knownConvolution(facts.maker(scores), facts);
    if (convolution?.bias.length !== 2 || convolution.group !== 1 || facts.readers(scores).length > 1 || facts.isOutput(scores)) continue;
    const folded = withWeights(convolution, differences(convolution.weights.data), differences(convolution.bias));
    return rewritten(graph, new Map([[convolution.node, folded.node], [node, { ...node, opType: "Sigmoid", attributes: {} }]]), folded.tensors);
  }
  return undefined;
}

/** The first half minus the second, then the second minus the first. */
function differences(values: Float32Array): Float32Array {
  const half = values.length / 2;
  return values.map((value, i) => value - values[(i + half) % values.length]!);
}
