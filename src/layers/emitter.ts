import type { Shape } from "./shape.ts";

export type AttributeValue = number | string | readonly number[] | { readonly float: number } | { readonly floats: readonly number[] };

/** A learned blob with its values. */
export interface ParamValues {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** The learned blobs of each layer, by layer name, in the shapes that the net asks for. */
export type NetParams = ReadonlyMap<string, readonly ParamValues[]>;

/**
 * What a layer type writes its ONNX form with (opset 17). Values are named by opaque strings.
 *
 * Attributes: a whole number is an int, an array of whole numbers ints; floats are wrapped: `{ float: 1 }`, so that 1 and 1.0 are not confused.
 */
export interface Emitter {
  /** Whether a loss layer writes what a deployed net has in its place (Softmax for SoftmaxWithLoss), or the value of the loss. */
  readonly losses: "deploy" | "value";
  /** Where dropout is left on, to see how sure a net is of itself (Gal & Ghahramani 2016): the seed of what this layer draws. */
  readonly dropoutSeed: number | undefined;
  /** The value of bottom `i`, float32 in the bottom's shape. */
  bottom(i: number): string;
  /** Says which value is top `i`. */
  top(i: number, value: string): void;
  /** How many learned blobs there are values for. */
  readonly paramCount: number;
  /** Learned blob `i` with its values, in the shape the net asks for. */
  param(i: number): ParamValues;
  /** A node with one output; gives the value's name. An empty input name is an omitted optional input. */
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeValue>>): string;
  /** A node with several outputs. */
  nodes(op: string, inputs: readonly string[], outputs: number, attributes?: Readonly<Record<string, AttributeValue>>): string[];
  /** A float32 constant. */
  floats(data: Float32Array | readonly number[], shape: Shape): string;
  /** An int64 constant; without a shape, a vector. */
  ints(data: readonly number[], shape?: Shape): string;
  /** The value reshaped (all dimensions known). */
  reshape(value: string, shape: Shape): string;
}
