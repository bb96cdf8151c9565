import type { Message } from "../prototxt/message.ts";
import type { DialectName } from "../schema/schema.ts";
import type { Emitter } from "./emitter.ts";
import type { Shape } from "./shape.ts";

export type Phase = "TRAIN" | "TEST";

/** What the rules of a layer type see of a layer. */
export interface LayerInput {
  readonly name: string;
  readonly type: string;
  /** The phase that holds for this layer: its own `phase` where it gives one, else the net's. */
  readonly phase: Phase;
  readonly dialect: DialectName;
  /** The layer as a `LayerParameter`, whatever format the text has. */
  readonly message: Message;
  readonly bottoms: readonly (Shape | undefined)[];
  readonly bottomNames: readonly string[];
  readonly topNames: readonly string[];
}

/** The same, once the shapes of all bottoms are known to have a rank. */
export interface ShapedLayer extends LayerInput {
  readonly bottoms: readonly Shape[];
}

/** The shapes a layer makes: of its tops, and of its learned blobs in Caffe's order. `undefined` where not even the rank is known. */
export interface LayerShapes {
  readonly tops: readonly (Shape | undefined)[];
  readonly params: readonly (Shape | undefined)[];
}

/** Why Caffe does not run a layer as written. */
export interface Refusal {
  /** One to three sentences in the user's terms, with the numbers, then what to do. The layer's name opens it: `conv1 …`. */
  readonly refused: string;
  /**
   * The field at fault, as a path in the layer: `convolution_param.kernel_size`, `bottom.1` (the second bottom), `top.0`.
   * The deepest part that the text holds is marked; without a path, the layer's type.
   */
  readonly at?: string;
  /** Caffe's own text, where it has one: `Check failed: channels_ % group_ == 0 (1 vs. 0)`. */
  readonly caffe?: string;
  /** When Caffe refuses: as it loads the net (the default), or as it runs it. */
  readonly when?: "load" | "run";
  /** The best guess at the shapes, so that the layers below can still be checked. */
  readonly shapes?: LayerShapes;
}

/** How many bottoms or tops a layer takes. `max` absent: any number. */
export interface Counts {
  readonly min: number;
  readonly max?: number;
}

/** A height and a width. */
export type Pair = readonly [number, number];

/** How an output position depends on input positions, over the last two axes of a 4-d blob. */
export type Reach =
  /** Each position by itself. */
  | { readonly kind: "pointwise" }
  /** A window of the input; `kernel` counts rows and columns before dilation. */
  | { readonly kind: "window"; readonly kernel: Pair; readonly stride: Pair; readonly pad: Pair; readonly dilation: Pair }
  /** The output is finer than the input: `stride` output positions per input position. */
  | { readonly kind: "upsample"; readonly kernel: Pair; readonly stride: Pair; readonly pad: Pair }
  /** All positions of the input at once. */
  | { readonly kind: "whole" }
  /** Not a matter of positions: data, labels, losses. */
  | { readonly kind: "none" };

/** What comes of a layer in place, where it is not fine. */
export type InPlace = "refused" | "wrong";

/** Everything Net Surgeon knows of a layer type. One type is one file, listed in `registry.ts`. */
export interface LayerType {
  /** The name in `type: "…"`. */
  readonly type: string;
  /** What it computes, in one sentence. */
  readonly doc: string;
  /** The Caffes that have it; absent: all of them. */
  readonly dialects?: readonly DialectName[];
  /** The fields of LayerParameter that parameterise it, its own first. */
  readonly params: readonly string[];
  readonly bottoms: Counts | ((layer: LayerInput) => Counts);
  readonly tops: Counts | ((layer: LayerInput) => Counts);
  /** True where Caffe wants as many tops as bottoms. */
  readonly sameCounts?: boolean;
  /** `refused`: Caffe does not load it in place. `wrong`: it loads and computes something else. Absent: fine. */
  readonly inPlace?: InPlace | ((layer: Message) => InPlace | undefined);
  /** True where versions of a Caffe differ in the shapes of the learned blobs: models fit by the number of values. */
  readonly paramsByCount?: boolean;
  readonly role?: "data" | "loss" | "measure";
  /** Tops that Caffe makes by itself where none is written (losses). */
  readonly autoTop?: boolean;
  /** The shapes of tops and params, or why Caffe refuses. All bottoms have a rank here, dimensions may be unknown. */
  readonly shapes: (layer: ShapedLayer) => LayerShapes | Refusal;
  /** Like `shapes`, where a bottom is unknown altogether. Absent: everything is unknown then. */
  readonly shapesUnknown?: (layer: LayerInput) => LayerShapes | Refusal;
  /** Multiply-adds (for layers without products: operations) of one pass, batch included. Absent: 0. */
  readonly multiplyAdds?: (layer: ShapedLayer, shapes: LayerShapes) => number;
  /** Absent: pointwise. */
  readonly reach?: (layer: ShapedLayer) => Reach;
  /** Writes the layer as ONNX operators (opset 17), or says in one sentence why there is no such form. */
  readonly onnx: ((emit: Emitter, layer: ShapedLayer, shapes: LayerShapes) => void) | string;
}

export function isRefusal(result: LayerShapes | Refusal): result is Refusal {
  return "refused" in result;
}

/** What comes of a layer of a type in place; undefined where it is fine. */
export function inPlaceOf(type: LayerType, layer: Message): InPlace | undefined {
  return typeof type.inPlace === "function" ? type.inPlace(layer) : type.inPlace;
}
