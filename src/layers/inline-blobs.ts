import { checkFailed, noData } from "./caffe-text.ts";
import type { LayerInput, Refusal } from "./definition.ts";
import { shapeText, volume, type Shape } from "./shape.ts";
import type { Message } from "../prototxt/message.ts";
import { counted } from "../text/words.ts";

/**
 * The shapes of the weights that a layer holds in its text (`blobs { … }`), or undefined where it holds none. Caffe takes them in
 * place of fillers, and most layers do not compare their shapes with what they need.
 */
export function inlineShapes(message: Message): Shape[] | undefined {
  return message.has("blobs") ? message.messages("blobs").map(shapeOfBlob) : undefined;
}

/** Why Caffe cannot read the weights in a layer's text: their values do not fill their shape. Source: `Blob::FromProto`. */
export function inlineRefusal(layer: LayerInput): Refusal | undefined {
  const blobs = layer.message.messages("blobs");
  for (const [i, blob] of blobs.entries()) {
    const shape = shapeOfBlob(blob);
    const field = blob.has("double_data") ? "double_data" : "data";
    const [count, given] = [volume(shape), blob.size(field)];
    if (count === given && count > 0) continue;
    return {
      refused:
        `${layer.name} holds a blob of ${shapeText(shape)} in its text, but gives it ${counted(given, "value")}. ` +
        `Give ${counted(count, "value")}.`,
      at: `blobs.${i}`,
      caffe: count === 0 ? noData : checkFailed(`count_ == proto.${field}_size()`, count, given),
    };
  }
  return undefined;
}

/** A layer whose text holds fewer weights than it uses: Caffe loads it and reads past the end as it runs. */
export function tooFewInline(layer: LayerInput, shapes: readonly Shape[] | undefined, needed: number): Refusal | undefined {
  if (shapes === undefined || shapes.length >= needed) return undefined;
  return {
    refused:
      `${layer.name} uses ${counted(needed, "learned blob")}, but its text holds ${shapes.length}. ` +
      "Caffe crashes as it runs the layer. Give all of them, or none.",
    at: "blobs",
    when: "run",
  };
}

function shapeOfBlob(blob: Message): Shape {
  const legacy = ["num", "channels", "height", "width"];
  return legacy.some((field) => blob.has(field)) ? legacy.map((field) => blob.number(field)) : blob.message("shape").numbers("dim");
}
