import { elementCount, elementTypes } from "./model.ts";
import type { AttributeValue, ElementType, OnnxModel, OnnxNode, OnnxTensor, OnnxValue, TensorData } from "./model.ts";

/** A graph under construction. Every method that makes a value returns its name, for use as the input of later nodes. */
export interface GraphBuilder {
  /** Declares a value the caller of the model feeds. */
  input(name: string, shape: readonly (number | string)[], type?: ElementType): string;
  /** Declares a value the model gives back. */
  output(name: string, shape: readonly (number | string)[], type?: ElementType): void;
  /** Adds an operator with one output. The output is named as asked, made unique where that name is taken. */
  node(opType: string, inputs: readonly string[], attributes?: Record<string, AttributeValue>, output?: string): string;
  /** Adds an operator with several outputs, such as Split. */
  nodeOfMany(opType: string, inputs: readonly string[], attributes: Record<string, AttributeValue>, outputs: readonly string[]): string[];
  /** Adds a weight. The array is kept, not copied. */
  weight(name: string, data: TensorData, shape: readonly number[], type?: ElementType): string;
  /** A small constant; equal ones share one initializer. The shape is one axis unless given; `[]` makes a scalar. */
  constant(type: ElementType, values: readonly number[], shape?: readonly number[]): string;
  /** A name that nothing has yet: the one wished for, or that with a number behind it. */
  unique(wish: string): string;
  /** The finished model, after checking that every value used was made before. */
  finish(): OnnxModel;
}

/** An empty graph of operator set 17. */
export function buildGraph(graphName: string): GraphBuilder {
  const taken = new Set<string>();
  const made = new Set<string>([""]);
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const constants = new Map<string, string>();

  function unique(wish: string): string {
    let name = wish;
    for (let i = 1; taken.has(name); i++) name = `${wish}_${i}`;
    taken.add(name);
    return name;
  }
  function make(wish: string): string {
    const name = unique(wish);
    made.add(name);
    return name;
  }
  function nodeOfMany(
    opType: string, from: readonly string[], attributes: Record<string, AttributeValue>, wishes: readonly string[],
  ): string[] {
    const unknown = from.find((name) => !made.has(name));
    if (unknown !== undefined) throw new Error(`${opType} reads '${unknown}', which nothing has made`);
    const tops = wishes.map(make);
    nodes.push({ name: tops[0]!, opType, inputs: [...from], outputs: tops, attributes });
    return tops;
  }
  function weight(name: string, data: TensorData, shape: readonly number[], type: ElementType = typeOf(data)): string {
    if (data.length !== elementCount(shape)) throw new Error(`'${name}' has ${data.length} elements, its shape [${shape.join(", ")}]`);
    const tensor = { name: make(name), type, shape: [...shape], data };
    initializers.push(tensor);
    return tensor.name;
  }

  return {
    unique,
    nodeOfMany,
    weight,
    input(name, shape, type = "float32") {
      inputs.push({ name: make(name), type, shape: [...shape] });
      return inputs.at(-1)!.name;
    },
    output(name, shape, type = "float32") {
      if (!made.has(name)) throw new Error(`nothing has made the output '${name}'`);
      outputs.push({ name, type, shape: [...shape] });
    },
    node(opType, from, attributes = {}, output = opType.toLowerCase()) {
      return nodeOfMany(opType, from, attributes, [output])[0]!;
    },
    constant(type, values, shape = [values.length]) {
      const key = `${type} ${shape.join("x")} ${values.map((value) => (Object.is(value, -0) ? "-0" : value)).join(" ")}`;
      const known = constants.get(key);
      if (known !== undefined) return known;
      const name = weight(`${type}_${values.slice(0, 4).join("_")}`, arrayOf(type, values), shape, type);
      constants.set(key, name);
      return name;
    },
    finish() {
      return { opset: 17, producer: "Net Surgeon", graph: { name: graphName, inputs, outputs, nodes, initializers } };
    },
  };
}

function arrayOf(type: ElementType, values: readonly number[]): TensorData {
  if (type === "int64") return BigInt64Array.from(values, BigInt);
  if (type === "uint64") return BigUint64Array.from(values, BigInt);
  if (type === "float16" || type === "bfloat16") throw new Error(`${type} constants are not written`);
  return elementTypes[type].array.from(values);
}

function typeOf(data: TensorData): ElementType {
  const found = (Object.keys(elementTypes) as ElementType[]).find((type) => data instanceof elementTypes[type].array);
  return found!;
}
