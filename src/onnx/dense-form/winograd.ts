import { once } from "../../text/once.ts";
import { factsOf, rewritten, type GraphFacts } from "../passes/pass.ts";
import { knownConvolution, type KnownConvolution } from "../passes/convolution.ts";
import { int, ints, type AttributeValue, type OnnxGraph, type OnnxModel, type OnnxNode, type OnnxTensor } from "../model.ts";
import { intOf, intsOf, pair, type Pair } from "./plane.ts";
import { channelOps, joiningOps, unaryOps } from "./pointwise.ts";

/** What is known of a value of a dense model. */
export interface ValueExtent {
  readonly channels: number;
  readonly extent: Pair;
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

/** More weights than this are left as they are: rewritten ones take more than twice as much. */
const MOST_WEIGHTS = 2 ** 24;

/** Whether rewriting a convolution is likely to pay; what is faster in the end is measured. */
export function pays({ saved, moved }: Bargain): boolean {
  return saved >= PER_VALUE * moved;
}

/**
 * A dense model whose large convolutions take up to 7 of 16 fewer products: Winograd's minimal filtering F(2, 2) along rows and columns (Winograd 1980; Lavin and
 * Gray 2016). Along one axis, two outputs next to each other share the products with what lies between them:
 *
 *     y[r]     = sum over i of h[2i] (x[r + 2i] - x[r + 2i + 1]) + m[r]
 *     y[r + 1] = m[r] - sum over i of h[2i + 1] (x[r + 2i + 1] - x[r + 2i + 2])
 *     m[r]     = sum over i of (h[2i] + h[2i + 1]) x[r + 2i + 1]
 *
 * Taps that lie d rows apart see every d-th row: the rows from each of the d offsets on become members of the batch, and lie side by side there. Even and odd
 * rows and columns are then four sets of outputs, from nine convolutions of every second row and column. What follows a convolution and treats all rows and
 * columns alike runs on each set; then the sets are put together.
 *
 * `extents` tells the size of what convolutions give; `batch` how many images there are.
 */
export function withFewerProducts(
  model: OnnxModel, extents: ReadonlyMap<string, ValueExtent>, isWorth: (bargain: Bargain) => boolean = pays, batch = 1,
): OnnxModel {
  let { graph } = model;
  for (const { outputs } of graph.nodes.filter(({ opType }) => opType === "Conv")) {
    const facts = factsOf(graph);
    const large = largeConvolution(facts.maker(outputs[0]!), facts, extents);
    if (large !== undefined && isWorth(bargainOf(large, extents))) graph = inSets(graph, large, batch);
  }
  return { ...model, graph };
}

/** A convolution that can be rewritten, with what follows it row by row. */
interface Large extends KnownConvolution {
  readonly taps: Pair;
  /** Rows and columns between taps. */
  readonly step: Pair;
  /** Rows and columns of its output. */
  readonly extent: Pair;
  /** The nodes that treat all rows and columns of its output alike, in their order. */
  readonly tail: readonly OnnxNode[];
  /** The values made by it and them that others read. */
  readonly exits: readonly string[];
}

function largeConvolution(node: OnnxNode | undefined, facts: GraphFacts, extents: ReadonlyMap<string, ValueExtent>): Large | undefined {
  const known = knownConvolution(node, facts);
  const made = extents.get(node?.outputs[0] ?? "");
  if (known === undefined || made === undefined || known.group !== 1 || known.isPadded) return undefined;
  const { shape, data } = known.weights;
  const taps = pair((axis) => shape[2 + axis] ?? 0);
  const strides = intsOf(known.node.attributes, "strides") ?? [1, 1];
  if (shape.length !== 4 || taps.some((n) => n < 2) || strides.some((stride) => stride !== 1) || data.length > MOST_WEIGHTS) return undefined;
  const step = (intsOf(known.node.attributes, "dilations") ?? [1, 1]) as Pair;
  return { ...known, taps, step, extent: made.extent, ...tailOf(known.node, facts) };
}

function tailOf(convolution: OnnxNode, facts: GraphFacts): Pick<Large, "tail" | "exits"> {
  const made = new Set(convolution.outputs);
  const tail: OnnxNode[] = [];
  const waiting = [...facts.readers(convolution.outputs[0]!)];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    if (tail.includes(node) || !isAlikeEverywhere(node, facts) || !node.inputs.every((name) => name === "" || made.has(name) || facts.constants.has(name))) continue;
    tail.push(node);
    made.add(node.outputs[0]!);
    waiting.push(...facts.readers(node.outputs[0]!));
  }
  const isLeft = (name: string): boolean => facts.isOutput(name) || facts.readers(name).some((reader) => !tail.includes(reader));
  return { tail, exits: [...made].filter(isLeft) };
}

/** Whether a node treats every row and column by itself. Random numbers are other ones everywhere: they stay whole. */
function isAlikeEverywhere(node: OnnxNode, { constants }: GraphFacts): boolean {
  const { opType, attributes } = node;
  if (opType === "RandomUniformLike" || node.outputs.length > 1) return false;
  const sizes = [...(constants.get(node.inputs[1] ?? "")?.shape.slice(2) ?? []), ...(intsOf(attributes, "strides") ?? [])];
  if (opType === "Conv") return constants.has(node.inputs[1]!) && sizes.every((size) => size === 1);
  return unaryOps.has(opType) || joiningOps.has(opType) || channelOps.has(opType) || (opType === "Concat" && intOf(attributes, "axis") === 1);
}

function bargainOf({ weights, taps, step, exits }: Large, extents: ReadonlyMap<string, ValueExtent>): Bargain {
  const [outputs, channels] = weights.shape as [number, number];
  // Along an axis a pair takes n products, and half as many, rounded up, that both share.
  const kept = pair((axis) => (taps[axis] + Math.ceil(taps[axis] / 2)) / 2);
  const together = exits.reduce((sum, name) => sum + (extents.get(name)?.channels ?? outputs), 0);
  // Rows and columns from every offset are copied one by one, and to each other; differences are taken three times.
  const apart = step[0] * step[1] === 1 ? 0 : 4 * channels;
  // Of products, nine for four outputs: written, added to each other, some copied. Sets are put together number by number.
  return { saved: outputs * channels * (taps[0] * taps[1] - kept[0] * kept[1]), moved: apart + 6 * channels + 6 * outputs + 8 * together };
}

function inSets(graph: OnnxGraph, large: Large, batch: number): OnnxGraph {
  const { node, tail, exits } = large;
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
  // One set after the other: what a set's convolutions give is still near when its tail reads it.
  const sets = convolve(write, large).map((make, set) => {
    const names = new Map([[node.outputs[0]!, make()]]);
    for (const { opType, inputs, outputs, attributes } of tail) {
      names.set(outputs[0]!, write.node(opType, inputs.map((name) => names.get(name) ?? name), attributes, `${outputs[0]!}/set_${set}`));
    }
    return names;
  });
  for (const exit of exits) putTogether(write, exit, sets.map((names) => names.get(exit)!), large, batch);
  // What the tail reads beside constants it has made itself: all of it can stand where the convolution stood.
  return rewritten(graph, new Map([[node, nodes], ...tail.map((gone) => [gone, undefined] as const)]), tensors);
}

/** Nodes and tensors to be added to a graph; each gives back its name. */
interface Write {
  readonly node: (opType: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>>, output: string) => string;
  readonly weight: (name: string, data: Float32Array, shape: readonly number[]) => string;
  readonly constant: (name: string, ...values: readonly number[]) => string;
}

/** Along an axis: products of the outputs before a pair's middle, of those behind it, and those that both share. */
type Kind = "first" | "second" | "shared";

const own = ["first", "second"] as const;

/** Pairs of outputs along an axis, of each offset. The first of the first pair lies before all; it means nothing, as do outputs that begin before their offset. */
function pairsOf({ extent, step }: Large, axis: 0 | 1): number {
  return Math.ceil((extent[axis] + 2 * step[axis] - 1) / (2 * step[axis]));
}

/** Rows and columns of a member of the batch, as many as all pairs read. */
function membersOf(large: Large): Pair {
  return pair((axis) => 2 * pairsOf(large, axis) + large.taps[axis] - 2);
}

/** Rows and columns of what is read. */
function readBy({ extent, taps, step }: Large): Pair {
  return pair((axis) => extent[axis] + (taps[axis] - 1) * step[axis]);
}

/** What makes each of the four sets: first and second rows, first and second columns of each. */
function convolve(write: Write, large: Large): (() => string)[] {
  const { node, weights, taps } = large;
  const [outputs, channels] = weights.shape as [number, number];
  const name = node.outputs[0]!;
  const source = sourcesOf(write, large);
  const products = memo((rows: Kind, columns: Kind): string => {
    const kinds = [rows, columns] as const;
    const kernel = kernelOf(weights.data, taps, kinds);
    const by = write.weight(`${name}/${rows}_${columns}_weights`, kernel.data, [outputs, channels, ...kernel.taps]);
    const above = pair((axis) => (kinds[axis] === "first" ? 1 : 0));
    const attributes = { kernel_shape: ints(...kernel.taps), strides: ints(2, 2), dilations: ints(2, 2), pads: ints(...above, 0, 0) };
    const bias = rows === "shared" && columns === "shared" ? node.inputs.slice(2) : [];
    return write.node("Conv", [source(rows !== "shared", columns !== "shared"), by, ...bias], attributes, `${name}/${rows}_${columns}`);
  });
  const add = (a: string, b: string, output: string): string => write.node("Add", [a, b], {}, `${name}/${output}`);
  const sharedColumns = memo((rows: Kind) => add(products(rows, "shared"), products("shared", "shared"), `${rows}_rows`));
  return own.flatMap((columns) => own.map((rows) => () => {
    const others = add(sharedColumns(rows), products("shared", columns), `${rows}_${columns}_others`);
    return add(products(rows, columns), others, `${rows}_${columns}_set`);
  }));
}

/** What convolutions read: the rows and columns from each offset as members of the batch, or their differences, along rows, columns or both. */
function sourcesOf(write: Write, large: Large): (rows: boolean, columns: boolean) => string {
  const { node, weights, step } = large;
  const [name, channels] = [node.outputs[0]!, weights.shape[1]!];
  const depthwise = (kernel: Pair, value: string, by: string, more: Readonly<Record<string, AttributeValue>>, output: string): string =>
    write.node("Conv", [value, by], { kernel_shape: ints(...kernel), group: int(channels), ...more }, `${name}/${output}`);
  const apart = once((): string => {
    const [given, wanted] = [readBy(large), membersOf(large)];
    // The image itself, where it is the only member and has all that is read.
    if (step[0] * step[1] === 1 && String(given) === String(wanted)) return node.inputs[0]!;
    const same = write.weight(`${name}/same`, new Float32Array(channels).fill(1), [channels, 1, 1, 1]);
    // Element j of a member is row j * step - shift: the last offset comes first.
    const members = Array.from({ length: step[0] * step[1] }, (_, member) => {
      const shift = [step[0] - 1 - Math.floor(member / step[1]), step[1] - 1 - (member % step[1])] as const;
      const below = pair((axis) => Math.max(0, (wanted[axis] - 1) * step[axis] + 1 - given[axis] - shift[axis]));
      return depthwise([1, 1], node.inputs[0]!, same, { strides: ints(...step), pads: ints(...shift, ...below) }, `member_${member}`);
    });
    return write.node("Concat", members, { axis: int(0) }, `${name}/members`);
  });
  const difference = memo((axis: 0 | 1, value: string, output: string): string => {
    const kernel = [2 - axis, 1 + axis] as const;
    const minus = write.weight(`${name}/${output}_weights`, Float32Array.from({ length: 2 * channels }, (_, i) => (i % 2 === 0 ? 1 : -1)), [channels, 1, ...kernel]);
    return depthwise(kernel, value, minus, {}, output);
  });
  return (rows, columns) => {
    const byRows = rows ? difference(0, apart(), "row_differences") : apart();
    return columns ? difference(1, byRows, rows ? "differences" : "column_differences") : byRows;
  };
}

/** The kernel of some products, from `taps` weights of each pair of output and channel. */
function kernelOf(weights: Float32Array, taps: Pair, kinds: readonly [Kind, Kind]): { readonly data: Float32Array; readonly taps: Pair } {
  const size = pair((axis) => (kinds[axis] === "second" ? Math.floor(taps[axis] / 2) : Math.ceil(taps[axis] / 2)));
  const [each, made] = [taps[0] * taps[1], size[0] * size[1]];
  const data = new Float32Array((weights.length / each) * made);
  for (let row = 0; row < size[0]; row++) {
    for (let column = 0; column < size[1]; column++) {
      for (const y of tapsOf(kinds[0], row, taps[0])) {
        for (const x of tapsOf(kinds[1], column, taps[1])) {
          const sign = (kinds[0] === "second") === (kinds[1] === "second") ? 1 : -1;
          for (let from = y * taps[1] + x, to = row * size[1] + column; to < data.length; from += each, to += made) data[to]! += sign * weights[from]!;
        }
      }
    }
  }
  return { data, taps: size };
}

/** The taps that tap i of some products is made of; those of `second` are taken away. The last of an uneven number has no partner. */
function tapsOf(kind: Kind, i: number, taps: number): number[] {
  if (kind === "first") return [2 * i];
  if (kind === "second") return [2 * i + 1];
  return [2 * i, 2 * i + 1].filter((tap) => tap < taps);
}

/** Rows and columns in their order: the sets, first and second of each pair, of each offset lie on the batch axis. */
function putTogether(write: Write, name: string, sets: readonly string[], large: Large, batch: number): void {
  const { step, extent } = large;
  const pairs = pair((axis) => pairsOf(large, axis));
  const made = pair((axis) => 2 * step[axis] * pairs[axis]);
  const reshape = (value: string, label: string, ...shape: number[]): string => write.node("Reshape", [value, write.constant(`${name}/${label}_shape`, ...shape)], {}, `${name}/${label}`);
  const all = write.node("Concat", sets, { axis: int(0) }, `${name}/sets`);
  const apart = reshape(all, "apart", 2, 2, ...step, batch, -1, ...pairs);
  // Axes: columns, rows, offset of rows, of columns, image, channel, pairs of rows, of columns. In two turns, because one that moves single numbers is slow but for a matrix.
  const rows = write.node("Transpose", [apart], { perm: ints(0, 3, 4, 5, 6, 1, 2, 7) }, `${name}/rows_in_turn`);
  const columns = write.node("Transpose", [reshape(rows, "rows", 2 * step[1], -1)], { perm: ints(1, 0) }, `${name}/columns_in_turn`);
  const whole = reshape(columns, "whole", batch, -1, ...made);
  const begin = pair((axis) => 2 * step[axis] - 1);
  const [from, to, axes] = [write.constant(`${name}/begin`, ...begin), write.constant(`${name}/end`, ...pair((axis) => begin[axis] + extent[axis])), write.constant(`${name}/axes`, 2, 3)];
  write.node("Slice", [whole, from, to, axes], {}, name);
}

/** A function that gives what it gave before, where it is asked the same. */
function memo<A extends readonly (string | number | boolean)[]>(make: (...given: A) => string): (...given: A) => string {
  const known = new Map<string, string>();
  return (...given) => {
    const key = given.join();
    const value = known.get(key) ?? make(...given);
    known.set(key, value);
    return value;
  };
}
