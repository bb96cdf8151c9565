import type { OnnxGraph, OnnxNode, OnnxTensor } from "../model.ts";

/** A rewriting of a graph that leaves its numbers as they are, up to rounding, and makes it faster to run. */
export interface Pass {
  /** What users switch it off by. */
  readonly name: string;
  /** What it does, in one sentence. */
  readonly doc: string;
  readonly run: (graph: OnnxGraph) => OnnxGraph;
}

/** What a pass asks of a graph. */
export interface GraphFacts {
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** The node that makes a value. */
  readonly maker: (value: string) => OnnxNode | undefined;
  /** The nodes that read a value. */
  readonly readers: (value: string) => readonly OnnxNode[];
  /** Whether a value is given out. */
  readonly isOutput: (value: string) => boolean;
  /** How many channels a value has, where that is easily seen. */
  readonly channels: (value: string) => number | undefined;
}

export function factsOf(graph: OnnxGraph): GraphFacts {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const readers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) for (const input of new Set(node.inputs)) readers.set(input, [...(readers.get(input) ?? []), node]);
  const constants = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const facts: GraphFacts = {
    constants,
    maker: (value) => makers.get(value),
    readers: (value) => readers.get(value) ?? [],
    isOutput: (value) => outputs.has(value),
    channels: (value) => {
      const image = graph.inputs.find(({ name }) => name === value)?.shape[1];
      if (typeof image === "number") return image;
      const node = makers.get(value);
      if (node?.opType === "Conv") return constants.get(node.inputs[1]!)?.shape[0];
      if (node !== undefined && arithmetic.has(node.opType)) {
        const each = node.inputs.map((input) => constants.get(input)?.shape.at(-3) ?? (constants.has(input) ? 1 : facts.channels(input)));
        return each.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)));
      }
      return node !== undefined && keepChannels.has(node.opType) ? facts.channels(node.inputs[0]!) : undefined;
    },
  };
  return facts;
}

const keepChannels = new Set(["AveragePool", "BatchNormalization", "LeakyRelu", "MaxPool", "Relu", "Sigmoid", "Tanh"]);

const arithmetic = new Set(["Add", "Div", "Mul", "Sub"]);

/** The graph with nodes replaced (by several, or by `undefined`: left out) and tensors added or replaced; weights that nothing reads any more are gone. */
export function rewritten(graph: OnnxGraph, changes: ReadonlyMap<OnnxNode, OnnxNode | readonly OnnxNode[] | undefined>, tensors: readonly OnnxTensor[] = []): OnnxGraph {
  const nodes = graph.nodes.flatMap((node) => (changes.has(node) ? (changes.get(node) ?? []) : node));
  const used = new Set([...nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ name }) => name)]);
  const kept = graph.initializers.filter(({ name }) => !tensors.some((tensor) => tensor.name === name));
  return { ...graph, nodes, initializers: [...kept, ...tensors].filter(({ name }) => used.has(name)) };
}

/** A rewriting applied until it finds nothing more to do. */
export function untilDone(graph: OnnxGraph, step: (graph: OnnxGraph) => OnnxGraph | undefined): OnnxGraph {
  for (let next = step(graph); next !== undefined; next = step(graph)) graph = next;
  return graph;
}
