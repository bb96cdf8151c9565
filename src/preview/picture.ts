import { basename } from "node:path";
import type { ImageSource } from "../dense/fill.ts";
import { readImage, type Image } from "../image/image.ts";
import { inMemory } from "../image/picture-source.ts";
import { scaleImage } from "../image/scale.ts";
import { Failure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import { shortCount } from "../text/words.ts";
import type { ImageInfo } from "./messages.ts";

/** A picture in memory, in the size that the net sees. */
export interface Picture {
  readonly info: ImageInfo;
  readonly image: Image;
  readonly source: ImageSource;
}

/** The picture of a file, scaled. `name` is what is shown. Throws a Failure where it cannot be read or is too large to be shown. */
export async function loadPicture(path: string, resize: number, name = basename(path)): Promise<Picture> {
  const read = await readImage(path);
  const pixels = read.width * resize * (read.height * resize);
  // What a webview can hold as picture, maps and their colours.
  const most = limit("previewPixels");
  if (pixels > most)
    throw new Failure("bad-request", `has ${shortCount(pixels)} pixels${resize === 1 ? "" : ` after resizing by ${resize}`}; the preview shows up to ${shortCount(most)}.`, {
      file: name,
      advice: `Resize it by a smaller factor, or run 'netsurgeon segment' on it. ${raising("previewPixels", Math.ceil(pixels))}`,
    });
  const image = scaleImage(read, resize);
  const micrometres = read.source?.resolution === undefined ? undefined : (read.source.resolution * read.width) / image.width;
  const { width, height } = image;
  return { info: { path, name, width, height, ...(micrometres !== undefined && { micrometres }) }, image, source: inMemory(image) };
}

/** The longest side of a picture in small. */
const OVERVIEW = 720;

/** The picture in small, each pixel the mean of `factor` x `factor` (of fewer at the right and lower edge); undefined where it is small itself. */
export function overviewOf({ width, height, channels, data }: Image): { readonly factor: number; readonly pixels: Uint8Array<ArrayBuffer> } | undefined {
  const factor = Math.ceil(Math.max(width, height) / OVERVIEW);
  if (factor < 3) return undefined;
  const columns = Math.ceil(width / factor);
  const rows = Math.ceil(height / factor);
  const pixels = new Uint8Array(columns * rows * channels);
  const sums = new Uint32Array(columns * channels);
  for (let y = 0; y < rows; y++) {
    sums.fill(0);
    const last = Math.min(height, (y + 1) * factor);
    for (let row = y * factor; row < last; row++) {
      for (let x = 0, from = row * width * channels; x < width; x++) {
        const to = Math.floor(x / factor) * channels;
        for (let c = 0; c < channels; c++) sums[to + c]! += data[from++]!;
      }
    }
    for (let x = 0; x < columns; x++) {
      const count = (last - y * factor) * (Math.min(width, (x + 1) * factor) - x * factor);
      for (let c = 0; c < channels; c++) pixels[(y * columns + x) * channels + c] = Math.round(sums[x * channels + c]! / count);
    }
  }
  return { factor, pixels };
}

/** Bytes of a message: small enough that no process on its way is held up by one. */
const BAND = 1 << 18;

/** The picture from top to bottom as rows of its samples. */
export function* bandsOf({ width, height, channels, data }: Image): Generator<{ readonly top: number; readonly height: number; readonly pixels: Uint8Array }, undefined> {
  const row = channels * width;
  const most = Math.max(1, Math.floor(BAND / row));
  for (let top = 0; top < height; top += most) {
    const rows = Math.min(most, height - top);
    yield { top, height: rows, pixels: new Uint8Array(data.buffer, data.byteOffset + top * row, rows * row) };
  }
}
