import type { Message } from "../prototxt/message.ts";
import { checkFailed } from "./caffe-text.ts";
import type { LayerInput, Refusal } from "./definition.ts";
import { UNKNOWN, type Shape } from "./shape.ts";

/** Source: `kMaxBlobAxes` in `blob.hpp`. */
const MAX_AXES = 32;

/** The shape that a `BlobShape` message gives; its numbers are cut to 32 bits, as Caffe cuts them. */
export function shapeIn(message: Message): Shape {
  return message.numbers("dim").map((dim) => dim | 0);
}

/** The same with what cannot be a dimension unknown; undefined for more axes than Caffe allows. */
export function shapeGuess(shape: Shape): Shape | undefined {
  return shape.length > MAX_AXES ? undefined : shape.map((dim) => (dim < 0 ? UNKNOWN : dim));
}

/** Why Caffe refuses a shape written in the text, at the path `at` of its message. Source: `Blob::Reshape(const BlobShape&)`. */
export function shapeRefusal(layer: LayerInput, shape: Shape, at: string): Refusal | undefined {
  if (shape.length > MAX_AXES) {
    const caffe = checkFailed("shape.dim_size() <= kMaxBlobAxes", shape.length, MAX_AXES);
    return { refused: `${layer.name} gives a shape of ${shape.length} axes; Caffe allows ${MAX_AXES}.`, at, caffe };
  }
  const negative = shape.findIndex((dim) => dim < 0);
  if (negative < 0) return undefined;
  const caffe = checkFailed("shape[i] >= 0", shape[negative]!, 0);
  return {
    refused: `${layer.name} gives a dimension of ${shape[negative]!}. Dimensions are whole numbers from 0.`,
    at: `${at}.dim.${negative}`,
    caffe,
  };
}
