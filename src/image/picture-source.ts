import { readImage, type ReadImageOptions } from "./image.ts";
import type { GridRect } from "./resize.ts";
import { openPictureFile } from "./picture-file.ts";
import { tiffImage } from "./tiff-region.ts";

/** A picture that is read in rectangles. */
export interface PictureSource {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Micrometres from pixel to pixel, where the file says. */
  readonly resolution?: number;
  /** Set where the file keeps pixels in tiles: how wide they are. Narrow parts of the picture are then as cheap to read as wide ones. */
  readonly tileWidth?: number;
  /** The pixels of a rectangle inside the picture, interleaved, row after row. Throws a `bad-file` Failure. */
  read(rect: GridRect): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a picture for reading in rectangles: a TIFF of any size stays in its file, of which a bounded part is kept; a PNG or JPEG is
 * decoded once, within `maxBytes`. The pixels are those of `readImage`. Throws a `cannot-read` or `bad-file` Failure; once it has
 * returned, the caller owes a `close`.
 */
export async function openPicture(path: string, options: ReadImageOptions = {}): Promise<PictureSource> {
  const file = await openPictureFile(path);
  if (file.format !== "tiff") {
    await file.close();
    return inMemory(await readImage(path, options));
  }
  try {
    const tiff = await tiffImage(file);
    const { width, height, channels, resolution } = tiff;
    return {
      width,
      height,
      channels,
      ...(resolution !== undefined && { resolution }),
      ...(tiff.blockWidth < width && { tileWidth: tiff.blockWidth }),
      read: async (rect) => (await tiff.readRegion(rect.left, rect.top, rect.width, rect.height)).data as Uint8Array,
      close: () => file.close(),
    };
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** A picture in memory, read in rectangles. */
export function inMemory({ width, height, channels, data }: Pick<PictureSource, "width" | "height" | "channels"> & { readonly data: Uint8Array | Uint8ClampedArray }): PictureSource {
  return {
    width,
    height,
    channels,
    read: ({ top, left, height: rows, width: columns }) => {
      const pixels = new Uint8Array(rows * columns * channels);
      for (let row = 0; row < rows; row++) {
        const from = ((top + row) * width + left) * channels;
        pixels.set(data.subarray(from, from + columns * channels), row * columns * channels);
      }
      return Promise.resolve(pixels);
    },
    close: () => Promise.resolve(),
  };
}
