import { limit, raising } from "../text/limits.ts";
import { bytes as sizeInWords } from "../text/words.ts";
import { badImage, checkSize } from "./checks.ts";
import { decodeJpeg } from "./jpeg-decode.ts";
import type { PictureFile } from "./picture-file.ts";
import { openPictureFile } from "./picture-file.ts";
import { decodePng } from "./png-decode.ts";
import { tiffImage } from "./tiff-region.ts";

/** A picture in memory: `height` rows of `width` pixels of `channels` interleaved samples (grey, or red green blue), 0..255. */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint8ClampedArray;
  /** How the file stored it; absent for pictures that come from no file. */
  readonly source?: ImageSource;
}

/** What a picture's file held that the picture no longer shows. */
export interface ImageSource {
  readonly format: "png" | "jpeg" | "tiff";
  /** Bits a sample in the file; of 16, the high 8 were kept. */
  readonly bits: number;
  /** True where transparency was dropped: the pixels have the colour stored for them, on no background. */
  readonly alpha: boolean;
  /** Micrometres from pixel to pixel, where a TIFF says. */
  readonly resolution?: number;
}

/** Settings of {@link readImage}. */
export interface ReadImageOptions {
  /** The largest picture to take, in decoded bytes. */
  readonly maxBytes?: number;
}

/**
 * The picture in a PNG, JPEG or TIFF file, told apart by their first bytes: upright, 8 bits, grey or RGB.
 *
 * As from OpenCV's imread, which reads for Caffe: alpha is ignored, 16-bit samples keep their high byte, EXIF (and TIFF) orientation
 * is applied, colour profiles and gamma are not. Grey files stay grey. Of several pages, the first at full resolution. Sizes are
 * checked before anything is decoded. Throws a Failure: `cannot-read` where there is no file to read, `bad-file` where it is no
 * such picture.
 */
export async function readImage(path: string, { maxBytes = limit("imageBytes") }: ReadImageOptions = {}): Promise<Image> {
  const file = await openPictureFile(path);
  try {
    if (file.format === "tiff") return await readTiff(file, maxBytes);
    if (file.size > limit("imageBytes")) {
      throw badImage(path, `has ${sizeInWords(file.size)}; the limit is ${sizeInWords(limit("imageBytes"))}.`, `Cut it into smaller pictures. ${raising("imageBytes", file.size)}`);
    }
    const data = await file.read(0, file.size);
    return file.format === "png" ? await decodePng(data, path, maxBytes) : decodeJpeg(data, path, maxBytes);
  } catch (cause) {
    // V8's words for a typed array within our own limit that it has no room for.
    const noRoom = cause instanceof RangeError && cause.message.includes("allocation failed");
    throw noRoom ? badImage(path, "needs more memory than there is.", "Cut it into smaller pictures.") : cause;
  } finally {
    await file.close();
  }
}

/** The picture in shades of grey: luma 0.299 R + 0.587 G + 0.114 B (Rec. 601), rounded. */
export function toGray(image: Image): Image {
  if (image.channels === 1) return image;
  const { width, height, data } = image;
  const gray = new Uint8Array(width * height);
  // The 14-bit weights of OpenCV's imread (imgcodecs/src/utils.cpp).
  for (let i = 0, from = 0; i < gray.length; i++, from += 3) {
    gray[i] = (4899 * data[from]! + 9617 * data[from + 1]! + 1868 * data[from + 2]! + 8192) >> 14;
  }
  return { ...image, channels: 1, data: gray };
}

/** The picture in three channels; grey is repeated. */
export function toRgb(image: Image): Image {
  if (image.channels === 3) return image;
  const { width, height, data } = image;
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, to = 0; i < data.length; i++, to += 3) rgb[to] = rgb[to + 1] = rgb[to + 2] = data[i]!;
  return { ...image, channels: 3, data: rgb };
}

async function readTiff(file: PictureFile, maxBytes: number): Promise<Image> {
  const tiff = await tiffImage(file);
  const { width, height, channels, source, resolution } = tiff;
  checkSize(file.path, width, height, channels, maxBytes);
  const image = await tiff.readRegion(0, 0, width, height);
  return { ...image, source: { ...source, ...(resolution === undefined ? {} : { resolution }) } };
}
