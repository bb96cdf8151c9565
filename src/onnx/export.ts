import { Failure } from "../text/failure.ts";
import { counted } from "../text/words.ts";
import { isComplete, shapeText, volume } from "../layers/shape.ts";
import type { AttributeValue as PlainAttribute, Emitter, NetParams } from "../layers/emitter.ts";
import { netOutputs, type Blob, type Layer } from "../net/net.ts";
import { shapedLayer, shapeOf, type NetShapes } from "../net/shapes.ts";
import { buildGraph, type GraphBuilder } from "./builder.ts";
import { float, int, text, type AttributeValue, type OnnxModel } from "./model.ts";

export interface ExportOptions {
  /** Names of the blobs to give out. Absent: the net's outputs, measures such as Accuracy aside. */
  readonly outputs?: readonly string[];
  /** Whether a loss layer becomes what a deployed net has in its place (Softmax for SoftmaxWithLoss), or the value of the loss. */
  readonly losses?: "deploy" | "value";
  /** Leaves dropout on, as in training: every run draws anew, and a session loaded again draws the same in its first, second … run. */
  readonly dropoutSeed?: number;
}

/**
 * A net as an ONNX model, opset 17, with its weights. Data layers become inputs, named and shaped like their blobs.
 *
 * Throws a {@link Failure} `bad-net` that lists what has no ONNX form or no known shape, `bad-weights` where weights are missing.
 */
export function exportNet(shapes: NetShapes, params: NetParams, options: ExportOptions = {}): OnnxModel {
  const losses = options.losses ?? "deploy";
  const outputs = chooseOutputs(shapes, options.outputs, losses);
  const needed = ancestors(outputs);
  const graph = buildGraph(shapes.net.name || "net");
  const values = new Map<Blob, string>();
  const problems: string[] = [];
  for (const layer of shapes.net.layers) {
    if (!needed.has(layer)) continue;
    const problem = emitLayer(graph, shapes, layer, params, { ...options, losses }, values);
    if (problem !== undefined) problems.push(problem);
    if (problems.length >= 5) break;
  }
  if (problems.length > 0) throw new Failure("bad-net", `the net has no ONNX form: ${problems.join(" ")}`);
  for (const blob of outputs) {
    const name = graph.node("Identity", [valueOf(graph, shapes, values, blob)], {}, blob.automatic ? blob.maker.name : blob.name);
    graph.output(name, outputShape(shapes, blob, losses));
  }
  return graph.finish();
}

function chooseOutputs(shapes: NetShapes, names: readonly string[] | undefined, losses: "deploy" | "value"): Blob[] {
  const { net } = shapes;
  if (names !== undefined) {
    return names.map((name) => {
      const blob = net.blobs.findLast((candidate) => candidate.name === name);
      if (blob === undefined)
        throw new Failure("bad-request", `the net has no blob '${name}'`, { advice: "'netsurgeon shapes' lists its blobs." });
      return blob;
    });
  }
  const all = [...netOutputs(net), ...net.blobs.filter((blob) => blob.automatic)].filter(
    (blob) => blob.maker.bottoms.length > 0 || blob.maker.type === "Parameter",
  );
  if (losses === "value") return all;
  const kept = all.filter((blob) => blob.maker.definition?.role !== "measure");
  return kept.length > 0 ? kept : all;
}

/** The layers that the outputs depend on. */
function ancestors(outputs: readonly Blob[]): Set<Layer> {
  const needed = new Set<Layer>();
  const open = outputs.map((blob) => blob.maker);
  for (let layer = open.pop(); layer !== undefined; layer = open.pop()) {
    if (needed.has(layer)) continue;
    needed.add(layer);
    for (const blob of layer.bottoms) if (blob !== undefined) open.push(blob.maker);
  }
  return needed;
}

type EmitOptions = Pick<ExportOptions, "dropoutSeed"> & { readonly losses: "deploy" | "value" };

function emitLayer(
  graph: GraphBuilder,
  shapes: NetShapes,
  layer: Layer,
  params: NetParams,
  options: EmitOptions,
  values: Map<Blob, string>,
): string | undefined {
  const { definition } = layer;
  if (definition === undefined) return `${layer.name} is of a type that is not known ('${layer.type}').`;
  if (definition.role === "data" && typeof definition.onnx === "string") return undefined; // an input, made when it is read
  if (typeof definition.onnx === "string") return `${layer.name}: ${definition.onnx}`;
  const shaped = shapedLayer(shapes, layer);
  if (shaped?.bottoms.every(isComplete) !== true || !shapes.layers[layer.index]!.tops.every(isComplete)) {
    return `the shape of ${layer.name}'s blobs is not known; give the net's input a shape.`;
  }
  definition.onnx(emitterFor(graph, shapes, layer, params, options, values), shaped, shapes.layers[layer.index]!);
  return undefined;
}

/** The ONNX value of a blob; for a data layer's blob the input, declared at its first use. */
function valueOf(graph: GraphBuilder, shapes: NetShapes, values: Map<Blob, string>, blob: Blob): string {
  let value = values.get(blob);
  if (value !== undefined) return value;
  const shape = shapeOf(shapes, blob);
  if (blob.maker.definition?.role !== "data") throw new Error(`${blob.maker.name} has written no ONNX for its top '${blob.name}'`);
  if (!isComplete(shape))
    throw new Failure("bad-net", `the shape of the input '${blob.name}' is not known (${shapeText(shape)})`, {
      advice: "Give it a shape in the prototxt.",
    });
  value = graph.input(blob.name, shape);
  values.set(blob, value);
  return value;
}

function emitterFor(
  graph: GraphBuilder,
  shapes: NetShapes,
  layer: Layer,
  params: NetParams,
  { losses, dropoutSeed }: EmitOptions,
  values: Map<Blob, string>,
): Emitter {
  const own = params.get(layer.name) ?? [];
  const label = layer.name || layer.type;
  return {
    losses,
    // Layers must not draw alike.
    dropoutSeed: dropoutSeed === undefined ? undefined : dropoutSeed * 1009 + layer.index,
    bottom: (i) => valueOf(graph, shapes, values, layer.bottoms[i]!),
    top: (i, value) => void values.set(layer.tops[i]!, value),
    paramCount: own.length,
    param: (i) => {
      const wanted = shapes.layers[layer.index]!.params[i];
      const given = own[i];
      if (given === undefined)
        throw new Failure(
          "bad-weights",
          `there are no weights for ${layer.name} (${counted(own.length, "blob")} given, blob ${i} is needed)`,
          { advice: "The model and the prototxt describe different nets, or the weights need conversion." },
        );
      if (wanted !== undefined && volume(wanted) !== given.data.length)
        throw new Failure(
          "bad-weights",
          `${layer.name} wants blob ${i} as ${shapeText(wanted)}; the model holds ${given.data.length} values`,
        );
      return given;
    },
    node: (op, inputs, attributes = {}) => graph.node(op, inputs, attributesOf(attributes), `${label}/${op}`),
    nodes: (op, inputs, outputs, attributes = {}) =>
      graph.nodeOfMany(
        op,
        inputs,
        attributesOf(attributes),
        Array.from({ length: outputs }, (_, i) => `${label}/${op}_${i}`),
      ),
    floats: (data, shape) =>
      data.length <= 16
        ? graph.constant("float32", [...data], shape)
        : graph.weight(`${label}/weights`, data instanceof Float32Array ? data : Float32Array.from(data), shape),
    ints: (data, shape = [data.length]) => graph.constant("int64", data, shape),
    reshape: (value, shape) => graph.node("Reshape", [value, graph.constant("int64", shape)], { allowzero: int(1) }, `${label}/Reshape`),
  };
}

function attributesOf(plain: Readonly<Record<string, PlainAttribute>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]): [string, AttributeValue] => {
      if (typeof value === "number") return [name, int(value)];
      if (typeof value === "string") return [name, text(value)];
      if ("float" in value) return [name, float(value.float)];
      if ("floats" in value) return [name, { kind: "floats", value: value.floats }];
      return [name, { kind: "ints", value }];
    }),
  );
}

/** The shape to declare for an output. A loss written as what a deployed net has in its place has the shape of its first bottom. */
function outputShape(shapes: NetShapes, blob: Blob, losses: "deploy" | "value"): readonly number[] {
  const deployed = losses === "deploy" && blob.maker.definition?.role === "loss";
  const shape = deployed ? shapeOf(shapes, blob.maker.bottoms[0]) : shapeOf(shapes, blob);
  return shape ?? [];
}
