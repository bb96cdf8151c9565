import { limit } from "../text/limits.ts";
import { badImage, checkSize } from "./checks.ts";
import type { Image, ImageSource } from "./image.ts";
import { storedRect, turnUpright } from "./orientation.ts";
import type { PictureFile } from "./picture-file.ts";
import { openPictureFile } from "./picture-file.ts";
import { readBlock } from "./tiff-block.ts";
import type { TiffDirectory, TiffFile } from "./tiff-directory.ts";
import { readDirectory, readNumber1, readTiffHeader } from "./tiff-directory.ts";
import type { TiffLayout } from "./tiff-layout.ts";
import { readLayout } from "./tiff-layout.ts";
import { blockPainter, channelsOf } from "./tiff-pixels.ts";
import { readResolution } from "./tiff-resolution.ts";
import { tags } from "./tiff-tags.ts";

/** A TIFF picture that is read piece by piece. Sizes and places are those of the upright picture. */
export interface TiffImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly source: ImageSource;
  /** Micrometres from pixel to pixel, where the file says. */
  readonly resolution?: number;
  /** The pixels the file keeps together: regions that follow this grid are the cheapest to read. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** The pixels of columns x..x+width-1 and rows y..y+height-1, which must lie inside. Throws a `bad-file` Failure. */
  readRegion(x: number, y: number, width: number, height: number): Promise<Image>;
  close(): Promise<void>;
}

/**
 * Opens the picture of a TIFF file: the first page at full resolution. Nothing but its directory is read yet.
 *
 * Takes classic and BigTIFF, tiles and strips (Aperio's SVS among them), unpacked or packed with LZW, Deflate, PackBits or JPEG, of
 * 1 to 16 bits; the colours come out as from `readImage`. A bounded number of recently used blocks is kept, never the whole
 * picture. Throws a `cannot-read` or `bad-file` Failure; once it has returned, the caller owes a `close`.
 */
export async function openTiff(path: string): Promise<TiffImage> {
  const file = await openPictureFile(path);
  try {
    if (file.format !== "tiff") throw badImage(path, `is a ${file.format.toUpperCase()} file, not a TIFF.`, "Choose a TIFF file.");
    return await tiffImage(file);
  } catch (cause) {
    await file.close();
    throw cause;
  }
}

/** The same for a file that is open already, and that `close` then closes. */
export async function tiffImage(file: PictureFile): Promise<TiffImage> {
  const tiff = await readTiffHeader(file);
  const directory = await fullResolutionDirectory(tiff);
  const layout = await readLayout(tiff, directory);
  const resolution = await readResolution(tiff, directory);
  const { orientation } = layout;
  const swapped = orientation >= 5;
  const channels = channelsOf(layout);
  const [width, height] = swapped ? [layout.height, layout.width] : [layout.width, layout.height];
  const [blockWidth, blockHeight] = swapped ? [layout.blockHeight, layout.blockWidth] : [layout.blockWidth, layout.blockHeight];
  const readStored = storedReader(tiff, layout);
  return {
    width,
    height,
    channels,
    source: { format: "tiff", bits: layout.bits, alpha: layout.alpha },
    ...(resolution === undefined ? {} : { resolution }),
    blockWidth,
    blockHeight,
    readRegion: async (x, y, w, h) => {
      const inside = [x, y, w, h].every(Number.isInteger) && x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= width && y + h <= height;
      if (!inside) throw new RangeError(`region ${w} x ${h} at (${x}, ${y}) of a ${width} x ${height} picture`);
      checkSize(file.path, w, h, channels, limit("imageBytes"));
      const rect = storedRect({ x, y, width: w, height: h }, orientation, layout.width, layout.height);
      const data = await readStored(rect);
      return turnUpright({ width: rect.width, height: rect.height, channels, data }, orientation);
    },
    close: () => file.close(),
  };
}

const REDUCED = 1;
const MASK = 4;

/** More pages than this are not looked through for one at full resolution. */
const MAX_PAGES = 64;

/** The first directory that is neither a smaller copy nor a mask; the very first where all are. */
async function fullResolutionDirectory(tiff: TiffFile): Promise<TiffDirectory> {
  const first = await readDirectory(tiff, tiff.first);
  let directory = first;
  for (let page = 0; page < MAX_PAGES; page++) {
    const type = await readNumber1(tiff, directory, tags.NewSubfileType, 0);
    if ((type & (REDUCED | MASK)) === 0) return directory;
    if (directory.next === 0) break;
    directory = await readDirectory(tiff, directory.next);
  }
  return first;
}

/** How many bytes of unpacked blocks are kept: the strips, as wide as the picture, that a row of windows looks at; of tiles, what a band of windows does. */
const CACHE_BYTES = { strips: 2 ** 26, tiles: 3 * 2 ** 23 };

/** Blocks unpacked at a time. */
const AT_ONCE = 8;

function storedReader(
  tiff: TiffFile,
  layout: TiffLayout,
): (rect: { x: number; y: number; width: number; height: number }) => Promise<Uint8Array> {
  const { blockWidth, blockHeight, blocksAcross, blocksDown, planar } = layout;
  const channels = channelsOf(layout);
  const paint = blockPainter(layout, tiff.little);
  const limit = blocksAcross === 1 ? CACHE_BYTES.strips : CACHE_BYTES.tiles;
  const blockAt = blockCache(limit, (index) => readBlock(tiff, layout, index));
  const planes = planar ? channels : 1;
  return async (rect) => {
    const out = new Uint8Array(rect.width * rect.height * channels);
    const indices: number[] = [];
    for (let plane = 0; plane < planes; plane++) {
      for (let row = Math.floor(rect.y / blockHeight); row * blockHeight < rect.y + rect.height; row++) {
        for (let column = Math.floor(rect.x / blockWidth); column * blockWidth < rect.x + rect.width; column++) {
          indices.push((plane * blocksDown + row) * blocksAcross + column);
        }
      }
    }
    for (let i = 0; i < indices.length; i += AT_ONCE) {
      const some = indices.slice(i, i + AT_ONCE);
      const blocks = await Promise.all(some.map(blockAt));
      some.forEach((index, k) => {
        paint(blocks[k]!, index, rect, out);
      });
    }
    return out;
  };
}

/** `read` with the results of the last calls kept, up to so many bytes or the one last used. */
function blockCache(limit: number, read: (index: number) => Promise<Uint8Array>): (index: number) => Promise<Uint8Array> {
  const kept = new Map<number, { readonly block: Promise<Uint8Array>; bytes: number }>();
  let total = 0;
  const drop = (index: number): void => {
    total -= kept.get(index)?.bytes ?? 0;
    kept.delete(index);
  };
  return (index) => {
    const known = kept.get(index);
    if (known !== undefined) {
      kept.delete(index);
      kept.set(index, known);
      return known.block;
    }
    const entry = { block: read(index), bytes: 0 };
    kept.set(index, entry);
    entry.block.then(
      ({ length }) => {
        if (kept.get(index) !== entry) return;
        entry.bytes = length;
        total += length;
        for (const oldest of kept.keys()) {
          if (total <= limit || oldest === index) break;
          drop(oldest);
        }
      },
      () => {
        drop(index);
      },
    );
    return entry.block;
  };
}
