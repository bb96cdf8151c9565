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

/** Bytes of a message: small enough that no process on its way is held up by one. */
const BAND = 1 << 18;

/** The picture from top to bottom as rows of its samples. */
export function* bandsOf({ width, height, channels, data }: Image): Generator<{ readonly top: number; readonly height: number; readonly pixels: Uint8Array<ArrayBuffer> }> {
  const row = channels * width;
  const most = Math.max(1, Math.floor(BAND / row));
  for (let top = 0; top < height; top += most) {
    const rows = Math.min(most, height - top);
    yield { top, height: rows, pixels: new Uint8Array(data.subarray(top * row, (top + rows) * row)) };
  }
}
