/** An ONNX model as plain data, in the order of its file. */
export interface OnnxModel {
  /** Version of the default operator set; what this program writes is 17. */
  readonly opset: number;
  /** Versions of other operator sets in use, by domain. */
  readonly domains?: Readonly<Record<string, number>>;
  /** The program that wrote the model. */
  readonly producer: string;
  readonly graph: OnnxGraph;
}

/** A graph whose nodes are in an order in which they can run. */
export interface OnnxGraph {
  readonly name: string;
  /** What a caller has to feed; initializers are not among them. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
}

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  /** Sizes; a name stands for a size known only when the model runs. */
  readonly shape: readonly (number | string)[];
}

/** One operator of a graph. An empty input name is an optional input left out. */
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** The operator set, where it is not the default one. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A constant of a graph: a weight, or a small operand such as the sizes of a Reshape. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  /** Sizes; empty for a scalar. */
  readonly shape: readonly number[];
  /** The elements in row-major order. */
  readonly data: TensorData;
}

/** An attribute of a node, tagged because ONNX tells `1` from `1.0`. */
export type AttributeValue =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "strings"; readonly value: readonly string[] };

/** The elements of a tensor: the half-precision types as their 16 bits, bool as bytes 0 and 1. */
export type TensorData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Every element type that tensors here can have: number in onnx.proto (`TensorProto.DataType`) and the array that holds it. */
export const elementTypes = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  uint16: { code: 4, array: Uint16Array },
  int16: { code: 5, array: Int16Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: { code: 10, array: Uint16Array },
  float64: { code: 11, array: Float64Array },
  uint32: { code: 12, array: Uint32Array },
  uint64: { code: 13, array: BigUint64Array },
  bfloat16: { code: 16, array: Uint16Array },
} as const;

export type ElementType = keyof typeof elementTypes;

/** The element type with a number of onnx.proto; undefined for those not read here (strings, complex numbers, 4- and 8-bit floats). */
export function elementTypeOf(code: number): ElementType | undefined {
  return (Object.keys(elementTypes) as ElementType[]).find((type) => elementTypes[type].code === code);
}

/** How many elements a shape has; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A float attribute. */
export function float(value: number): AttributeValue {
  return { kind: "float", value };
}

/** An integer attribute. */
export function int(value: number): AttributeValue {
  return { kind: "int", value };
}

/** An attribute of several integers, such as `kernel_shape`. */
export function ints(...value: readonly number[]): AttributeValue {
  return { kind: "ints", value };
}

/** A string attribute. */
export function text(value: string): AttributeValue {
  return { kind: "string", value };
}
