import { checkFailed } from "./caffe-text.ts";
import type { LayerInput, Pair, Refusal } from "./definition.ts";
import { UNKNOWN } from "./shape.ts";
import type { Message } from "../prototxt/message.ts";

/** What an image is before a data layer transforms it; NaN where only the data tell. */
export interface ImageSize {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** An image of which nothing is known. */
export const anyImage: ImageSize = { channels: UNKNOWN, height: UNKNOWN, width: UNKNOWN };

/**
 * The channels, height and width that a data layer gives: resized (SSD and its kin), then cropped. Several mean values tell the channels.
 * Source: `DataTransformer::InferBlobShape`.
 */
export function transformed(layer: LayerInput, image: ImageSize): readonly [number, number, number] {
  const param = layer.message.message("transform_param");
  const means = param.size("mean_value");
  const [cropHeight, cropWidth] = cropOf(layer);
  const [height, width] = resized(param, image);
  return [means > 1 ? means : image.channels, cropHeight > 0 ? cropHeight : height, cropWidth > 0 ? cropWidth : width];
}

/** The crop of a data layer, 0 for none: `crop_size`, or the height and width that some Caffes have. V1's older fields are moved here by its upgrade. */
export function cropOf(layer: LayerInput): Pair {
  const param = layer.message.message("transform_param");
  const size = param.number("crop_size");
  const side = (...fields: readonly string[]): number => {
    const field = fields.find((name) => param.has(name));
    return field === undefined ? size : param.number(field);
  };
  return [side("crop_h", "crop_height"), side("crop_w", "crop_width")];
}

function resized(param: Message, image: ImageSize): Pair {
  const resize = param.messages("resize_param");
  if (resize.length === 0) return [image.height, image.width];
  const [first, ...others] = resize;
  const fixed = others.length === 0 && first!.text("resize_mode") !== "FIT_SMALL_SIZE";
  return fixed ? [first!.number("height"), first!.number("width")] : [UNKNOWN, UNKNOWN];
}

/**
 * What every data layer with `transform_param` refuses: both kinds of mean, a crop larger than the image. Source: `data_transformer.cpp`.
 */
export function transformRefusal(layer: LayerInput, image: ImageSize, source: "img" | "datum"): Refusal | undefined {
  const param = layer.message.message("transform_param");
  if (param.has("mean_file") && param.has("mean_value")) {
    return {
      refused: `${layer.name} gives both mean_file and mean_value. Keep one of them.`,
      at: "transform_param.mean_value",
      caffe: checkFailed(
        "param_.mean_value_size() == 0",
        param.size("mean_value"),
        0,
        "Cannot specify mean_file and mean_value at the same time",
      ),
    };
  }
  const crop = cropOf(layer);
  for (const [i, side] of (["height", "width"] as const).entries()) {
    const size = resized(param, image)[i]!;
    if (!(crop[i]! > size)) continue;
    return {
      refused: `${layer.name} crops ${crop[i]!} from images of ${side} ${size}. Crop at most the image.`,
      at: "transform_param.crop_size",
      caffe: checkFailed(`${source}_${side} >= crop_size`, size, crop[i]!),
    };
  }
  return undefined;
}
