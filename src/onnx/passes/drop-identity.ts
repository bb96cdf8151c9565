import type { OnnxGraph, OnnxNode } from "../model.ts";
import { factsOf, rewritten, untilDone, type GraphFacts, type Pass } from "./pass.ts";

/** Nodes that pass on what they read, Dropout outside of training among them, taken out. */
export const dropIdentity: Pass = {
  name: "drop-identity",
  doc: "Dropout and copies are taken out.",
  run: (graph) => untilDone(graph, dropOne),
};

function dropOne(graph: OnnxGraph): OnnxGraph | undefined {
  const facts = factsOf(graph);
  for (const node of graph.nodes) {
    if (!passesOn(node, facts)) continue;
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    const maker = facts.maker(from);
    if (!facts.isOutput(to)) {
      const redirected = facts.readers(to).map((reader): [OnnxNode, OnnxNode] => [reader, { ...reader, inputs: reader.inputs.map((name) => (name === to ? from : name)) }]);
      return rewritten(graph, new Map<OnnxNode, OnnxNode | undefined>([[node, undefined], ...redirected]));
    }
    // The output keeps its name: it is given to the node that makes the value.
    if (maker === undefined || facts.isOutput(from) || facts.readers(from).length > 1) continue;
    const renamed = { ...maker, outputs: maker.outputs.map((name) => (name === from ? to : name)) };
    return rewritten(graph, new Map([[node, undefined], [maker, renamed]]));
  }
  return undefined;
}

function passesOn(node: OnnxNode, { readers, isOutput }: GraphFacts): boolean {
  if (node.opType === "Identity") return true;
  if (node.opType !== "Dropout" || (node.inputs[2] ?? "") !== "") return false;
  const mask = node.outputs[1];
  return mask === undefined || (readers(mask).length === 0 && !isOutput(mask));
}
