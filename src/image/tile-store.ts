import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import type { Level, Samples } from "./pyramid.ts";
import { newTile } from "./pyramid.ts";
import type { TiffPicture, TiffValue } from "./tiff-fields.ts";
import { pictureFields, tiffDirectory, tiffHeader } from "./tiff-fields.ts";
import { tags } from "./tiff-tags.ts";

/** The tiles of a BigTIFF's pages, on their way into the file. */
export interface TileStore {
  /** Writes tile number `index`, counted row by row, of a page. */
  write(level: number, index: number, tile: Samples): Promise<void>;
  /** Reads tile number `index` of the first page, not compressed, into `bytes`; false where the file ends before it. */
  read(index: number, bytes: Uint8Array): Promise<boolean>;
  /** Writes the directories, which make a TIFF of the file. Tiles that were not written are 0. */
  complete(): Promise<void>;
}

/**
 * A store for pages of these sizes in an empty file. The first page is `picture`; the others are its smaller copies.
 *
 * Without compression each tile has its place from the start; packed ones follow each other as they come.
 */
export function tileStore(handle: FileHandle, picture: TiffPicture, levels: readonly Level[], tileSize: number): TileStore {
  const { compression, channels, sampleFormat } = picture;
  const tables = levels.map(({ columns, rows }) => ({
    offsets: new Float64Array(columns * rows),
    sizes: new Float64Array(columns * rows),
  }));
  const emptyTile = newTile(tileSize, channels, sampleFormat);
  const tail = tailOf(handle, HEADER_BYTES);
  if (compression === "none") {
    for (const { offsets, sizes } of tables) {
      sizes.fill(emptyTile.byteLength);
      for (let i = 0; i < offsets.length; i++, tail.end += emptyTile.byteLength) offsets[i] = tail.end;
    }
  }

  const write = async (level: number, index: number, tile: Samples): Promise<void> => {
    const { offsets, sizes } = tables[level]!;
    const bytes = Buffer.from(tile.buffer, tile.byteOffset, tile.byteLength);
    if (compression === "none") return writeAt(handle, offsets[index]!, bytes);
    const packed = await deflated(bytes);
    offsets[index] = await tail.append(packed);
    sizes[index] = packed.length;
  };

  const read = async (index: number, bytes: Uint8Array): Promise<boolean> => {
    const position = tables[0]!.offsets[index]!;
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, position + done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
    return true;
  };

  /** Lets all tiles that never came share one of zeros. Without compression, what was never written reads as zeros anyway. */
  const fillGaps = async (): Promise<void> => {
    if (tables.every(({ sizes }) => sizes.every((size) => size > 0))) return;
    const packed = await deflated(Buffer.from(emptyTile.buffer));
    const position = await tail.append(packed);
    for (const { offsets, sizes } of tables) {
      for (let i = 0; i < sizes.length; i++) {
        if (sizes[i]! > 0) continue;
        offsets[i] = position;
        sizes[i] = packed.length;
      }
    }
  };

  const fieldsOf = ({ width, height }: Level, level: number): TiffValue[] => {
    const { resolution } = picture;
    const scaled = resolution === undefined ? {} : { resolution: (resolution * picture.width) / width };
    return [
      ...pictureFields({ ...picture, width, height, ...scaled }),
      { tag: tags.NewSubfileType, type: "long", values: [level === 0 ? 0 : 1] },
      { tag: tags.TileWidth, type: "long", values: [tileSize] },
      { tag: tags.TileLength, type: "long", values: [tileSize] },
      { tag: tags.TileOffsets, type: "long8", values: tables[level]!.offsets },
      { tag: tags.TileByteCounts, type: "long", values: tables[level]!.sizes },
    ];
  };

  const complete = async (): Promise<void> => {
    await fillGaps();
    tail.end += -tail.end & 7;
    const first = tail.end;
    for (const [level, size] of levels.entries()) {
      const isLast = level === levels.length - 1;
      await tail.append(tiffDirectory(fieldsOf(size, level), tail.end, true, (after) => (isLast ? 0 : after)));
    }
    await writeAt(handle, 0, tiffHeader(true, first));
  };

  return { write, read, complete };
}

const HEADER_BYTES = 16;

const deflateAsync = promisify(deflate);

/** zlib's effort for maps: 6 gains next to nothing on floats and takes several times as long. */
const DEFLATE_LEVEL = 3;

/** Bytes of a picture, packed. */
export function deflated(bytes: Uint8Array): Promise<Uint8Array> {
  return deflateAsync(bytes, { level: DEFLATE_LEVEL });
}

/** Where a file goes on. */
export interface Tail {
  end: number;
  /** Writes bytes there, and gives their place. */
  append(bytes: Uint8Array): Promise<number>;
}

/** A file that goes on at `end`. */
export function tailOf(handle: FileHandle, end: number): Tail {
  const tail: Tail = {
    end,
    async append(bytes) {
      const position = tail.end;
      tail.end += bytes.length;
      await writeAt(handle, position, bytes);
      return position;
    },
  };
  return tail;
}

/** Writes all of the bytes to a place of a file. */
export async function writeAt(handle: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
