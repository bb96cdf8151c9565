import { factsOf, rewritten, type GraphFacts } from "../passes/pass.ts";
import { knownConvolution, type KnownConvolution } from "../passes/convolution.ts";
import { int, ints, type AttributeValue, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor } from "../model.ts";
import { intOf, intsOf } from "./plane.ts";
import { channelOps, joiningOps, unaryOps } from "./pointwise.ts";

/** What is known of a value of a dense model. */
export interface ValueExtent {
  readonly channels: number;
  readonly rows: number;
}

/** Per output of a convolution, what rewriting it saves and costs. */
export interface Bargain {
  /** Multiply-adds that are no longer needed. */
  readonly saved: number;
  /** Values that are written and read beside what was before. */
  readonly moved: number;
}

/** A processor multiplies and adds about this often in the time in which it writes or reads a value in memory. */
const PER_VALUE = 30;

/** More weights than this are left as they are: rewritten ones take half as much again. */
const MOST_WEIGHTS = 2 ** 24;

/** Whether rewriting a convolution is likely to pay; what is faster in the end is measured. */
export function pays({ saved, moved }: Bargain): boolean {
  return saved >= PER_VALUE * moved;
}

/**
 * A dense model whose large convolutions take a quarter fewer products: Winograd's minimal filtering F(2, 2) along the rows (Winograd 1980; Lavin and Gray 2016).
 *
 * With taps h at a distance of d rows, two outputs that lie d rows apart share the products with the row between them:
 *
 *     y[r]     = sum over i of h[2i] (x[r + 2id] - x[r + (2i + 1)d]) + m[r]
 *     y[r + d] = m[r] - sum over i of h[2i + 1] (x[r + (2i + 1)d] - x[r + (2i + 2)d])
 *     m[r]     = sum over i of (h[2i] + h[2i + 1]) x[r + (2i + 1)d]
 *
 * So rows are computed in 2d sets, each of every 2d-th row. What follows a convolution and treats all rows alike runs on each set; then the rows are put together.
 *
 * `extents` tells the size of what convolutions give.
 */
export function withFewerProducts(model: OnnxModel, extents: ReadonlyMap<string, ValueExtent>, isWorth: (bargain: Bargain) => boolean = pays): OnnxModel {
  let { graph } = model;
  for (const { outputs } of graph.nodes.filter(({ opType }) => opType === "Conv")) {
    const facts = factsOf(graph);
    const large = largeConvolution(facts.maker(outputs[0]!), facts, extents);
    if (large !== undefined && isWorth(bargainOf(large, extents))) graph = inSets(graph, large);
  }
  return { ...model, graph };
}

/** A convolution that can be rewritten, with what follows it row by row. */
interface Large extends KnownConvolution {
  /** Taps and their distance, in rows. */
  readonly taps: number;
  readonly step: number;
  readonly rows: number;
  /** The nodes that treat all rows of its output alike, in their order. */
  readonly tail: readonly OnnxNode[];
  /** The values made by it and them that others read. */
  readonly exits: readonly string[];
}

function largeConvolution(node: OnnxNode | undefined, facts: GraphFacts, extents: ReadonlyMap<string, ValueExtent>): Large | undefined {
  const known = knownConvolution(node, facts);
  const extent = extents.get(node?.outputs[0] ?? "");
  if (known === undefined || extent === undefined || known.group !== 1 || known.isPadded) return undefined;
  const { shape } = known.weights;
  const strides = intsOf(known.node.attributes, "strides") ?? [1, 1];
  const taps = shape[2]!;
  if (shape.length !== 4 || taps < 2 || strides.some((stride) => stride !== 1) || known.weights.data.length > MOST_WEIGHTS) return undefined;
  const step = intsOf(known.node.attributes, "dilations")?.[0] ?? 1;
  return { ...known, taps, step, rows: extent.rows, ...tailOf(known.node, facts) };
}

function tailOf(convolution: OnnxNode, facts: GraphFacts): Pick<Large, "tail" | "exits"> {
  const made = new Set(convolution.outputs);
  const tail: OnnxNode[] = [];
  const waiting = [...facts.readers(convolution.outputs[0]!)];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    if (tail.includes(node) || !isRowByRow(node, facts) || !node.inputs.every((name) => name === "" || made.has(name) || facts.constants.has(name))) continue;
    tail.push(node);
    made.add(node.outputs[0]!);
    waiting.push(...facts.readers(node.outputs[0]!));
  }
  const isLeft = (name: string): boolean => facts.isOutput(name) || facts.readers(name).some((reader) => !tail.includes(reader));
  return { tail, exits: [...made].filter(isLeft) };
}

/** Whether a node treats every row by itself. Random numbers are other ones for every row: they stay whole. */
function isRowByRow(node: OnnxNode, { constants }: GraphFacts): boolean {
  const { opType, attributes } = node;
  if (opType === "RandomUniformLike" || node.outputs.length > 1) return false;
  const sizes = [...(constants.get(node.inputs[1] ?? "")?.shape.slice(2) ?? []), ...(intsOf(attributes, "strides") ?? [])];
  if (opType === "Conv") return constants.has(node.inputs[1]!) && sizes.every((size) => size === 1);
  return unaryOps.has(opType) || joiningOps.has(opType) || channelOps.has(opType) || (opType === "Concat" && intOf(attributes, "axis") === 1);
}

function bargainOf({ weights, taps, exits }: Large, extents: ReadonlyMap<string, ValueExtent>): Bargain {
  const [outputs, channels, , columns] = weights.shape as [number, number, number, number];
  const left = taps - (2 * Math.ceil(taps / 2) + Math.floor(taps / 2)) / 2;
  // The differences are written and read; the shared products written and read twice for every second row; rows put together copied, and turned about on the way.
  const together = exits.reduce((sum, name) => sum + (extents.get(name)?.channels ?? outputs), 0);
  return { saved: outputs * channels * columns * left, moved: 2 * channels + 1.5 * outputs + 3 * together };
}

function inSets(graph: OnnxGraph, large: Large): OnnxGraph {
  const { node, tail } = large;
  const tensors: OnnxTensor[] = [];
  const nodes: OnnxNode[] = [];
  const write: Write = {
    node: (opType, inputs, attributes, output) => {
      nodes.push({ name: output, opType, inputs, outputs: [output], attributes });
      return output;
    },
    weight: (name, data, shape) => {
      tensors.push({ name, type: "float32", shape, data });
      return name;
    },
    constant: (name, ...values) => {
      tensors.push({ name, type: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) });
      return name;
    },
  };
  // One set after the other: what a set's convolution gives is still near when its tail reads it.
  const sets = convolve(write, large).map((make, set) => {
    const names = new Map([[node.outputs[0]!, make()]]);
    for (const { opType, inputs, outputs, attributes } of tail) {
      names.set(outputs[0]!, write.node(opType, inputs.map((name) => names.get(name) ?? name), attributes, `${outputs[0]!}/rows_${set}`));
    }
    return names;
  });
  for (const exit of large.exits) putTogether(write, exit, sets.map((names) => names.get(exit)!), large.rows);
  // What the tail reads beside constants it has made itself: all of it can stand where the convolution stood.
  return rewritten(graph, new Map([[node, nodes], ...tail.map((gone) => [gone, undefined] as const)]), tensors);
}

/** Nodes and tensors to be added to a graph; each gives back its name. */
interface Write {
  readonly node: (opType: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>>, output: string) => string;
  readonly weight: (name: string, data: Float32Array, shape: readonly number[]) => string;
  readonly constant: (name: string, ...values: readonly number[]) => string;
}

/** What makes each of the 2d sets of rows. Each has a row before its first that means nothing, because offsets are made by padding above. */
function convolve(write: Write, { node, weights, taps, step, rows }: Large): (() => string)[] {
  const [outputs, channels, , columns] = weights.shape as [number, number, number, number];
  const name = node.outputs[0]!;
  const [even, odd] = [Math.ceil(taps / 2), Math.floor(taps / 2)];
  const across = intsOf(node.attributes, "dilations")?.[1] ?? 1;
  const kernels = kernelsOf(weights.data, taps, columns);
  const [shared, first, second] = (["shared", "even", "odd"] as const).map((label) => {
    const height = label === "odd" ? odd : even;
    return { weights: write.weight(`${name}/${label}_weights`, kernels[label], [outputs, channels, height, columns]), height };
  }) as [Kernel, Kernel, Kernel];
  const image = { value: node.inputs[0]!, rows: rows + (taps - 1) * step };
  const minus = write.weight(`${name}/minus`, Float32Array.from({ length: 2 * channels }, (_, i) => (i % 2 === 0 ? 1 : -1)), [channels, 1, 2, 1]);
  // The last tap of an uneven number has no partner: what would be subtracted is zero.
  const beyond = (even - odd) * step;
  const apart = {
    value: write.node("Conv", [image.value, minus], { kernel_shape: ints(2, 1), dilations: ints(step, 1), pads: ints(0, 0, beyond, 0), group: int(channels) }, `${name}/differences`),
    rows: image.rows - step + beyond,
  };
  // The second kernel is a row shorter then, and gives a row more: the others are brought to that by padding below.
  const periods = Math.ceil(rows / (2 * step)) + (even - odd);
  /** Every 2d-th row from an offset in [0, 2d) on, which comes second. */
  const strided = (source: typeof image, { weights: by, height }: Kernel, offset: number, bias: readonly string[], output: string): string => {
    const above = 2 * step - offset;
    const below = Math.max(0, (periods + height - 1) * 2 * step + 1 - source.rows - above);
    const attributes = { kernel_shape: ints(height, columns), strides: ints(2 * step, 1), dilations: ints(2 * step, across), pads: ints(above, 0, below, 0) };
    return write.node("Conv", [source.value, by, ...bias], attributes, output);
  };
  const bias = node.inputs.slice(2);
  const common = new Map<number, string>();
  const commonOf = (offset: number): string => {
    const known = common.get(offset) ?? strided(image, shared, offset + step, bias, `${name}/shared_${offset}`);
    common.set(offset, known);
    return known;
  };
  return Array.from({ length: 2 * step }, (_, set) => () => {
    const offset = set % step;
    const own = set < step ? strided(apart, first, offset, [], `${name}/own_${set}`) : strided(apart, second, offset + step, [], `${name}/own_${set}`);
    return write.node("Add", [own, commonOf(offset)], {}, `${name}/rows_${set}`);
  });
}

interface Kernel {
  readonly weights: string;
  readonly height: number;
}

/** The kernels of the shared products and of the two others, made from rows of `columns` weights, `taps` of them a channel. */
function kernelsOf(weights: Float32Array, taps: number, columns: number): Record<"shared" | "even" | "odd", Float32Array> {
  const planes = weights.length / (taps * columns);
  const ofRows = (rows: number): Float32Array => new Float32Array(planes * rows * columns);
  const [rowsOfEven, rowsOfOdd] = [Math.ceil(taps / 2), Math.floor(taps / 2)];
  const [shared, even, odd] = [ofRows(rowsOfEven), ofRows(rowsOfEven), ofRows(rowsOfOdd)];
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < taps; row++) {
      const from = (plane * taps + row) * columns;
      const half = row >> 1;
      const to = (plane * rowsOfEven + half) * columns;
      for (let column = 0; column < columns; column++) {
        const weight = weights[from + column]!;
        shared[to + column]! += weight;
        if (row % 2 === 0) even[to + column] = weight;
        else odd[(plane * rowsOfOdd + half) * columns + column] = -weight;
      }
    }
  }
  return { shared, even, odd };
}

/** The rows of the sets in turn: row r is row (r div 2d) of set (r mod 2d), after the one that has no meaning. */
function putTogether(write: Write, name: string, parts: readonly string[], rows: number): void {
  const periods = Math.ceil(rows / parts.length);
  const [begin, end, axis] = [write.constant(`${name}/begin`, 1), write.constant(`${name}/end`, 1 + periods), write.constant(`${name}/axis`, 2)];
  const apart = write.constant(`${name}/apart`, 0, 0, periods, 1, -1);
  const turned = parts.map((part) => write.node("Reshape", [write.node("Slice", [part, begin, end, axis], {}, `${part}/inner`), apart], {}, `${part}/apart`));
  const all = write.node("Concat", turned, { axis: int(3) }, `${name}/in_turn`);
  const isWhole = rows === periods * parts.length;
  const together = write.node("Reshape", [all, write.constant(`${name}/together`, 0, 0, periods * parts.length, -1)], {}, isWhole ? name : `${name}/all_rows`);
  if (!isWhole) write.node("Slice", [together, write.constant(`${name}/first`, 0), write.constant(`${name}/rows`, rows), axis], {}, name);
}
