import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { count } from "../text/words.ts";
import { damaged } from "./checks.ts";

/** What a PNG file says of its picture. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colors: ColorType;
  readonly interlaced: boolean;
}

/** A colour type of the standard. */
export interface ColorType {
  /** Samples a pixel in the file. */
  readonly samples: 1 | 2 | 3 | 4;
  /** Channels a pixel in the result. */
  readonly output: 1 | 3;
  readonly indexed: boolean;
  readonly alpha: boolean;
  readonly depths: readonly number[];
}

/** Pixels (x + i*dx, y + j*dy), i < width, j < height: one picture of its own in the file. */
export interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly width: number;
  readonly height: number;
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** The passes of the picture, in the order of the file: one, or up to seven where it is interlaced (Adam7). Empty ones are left out. */
export function passesOf({ width, height, interlaced }: PngHeader): Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }];
  const passes = adam7.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    width: Math.ceil((width - x) / dx),
    height: Math.ceil((height - y) / dy),
  }));
  return passes.filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Bytes of a row of `width` pixels, its filter byte not counted. */
export function rowBytesOf(width: number, { depth, colors }: PngHeader): number {
  return Math.ceil((width * colors.samples * depth) / 8);
}

const inflateAsync = promisify(inflate);

const CHUNK = 2 ** 24;

/** Room for what careless encoders leave after the last row. */
const SURPLUS = 65_536;

/** The rows of all passes, one after another, unpacked from `data` and without their filters. Throws a `bad-file` Failure. */
export async function unpackRows(
  data: readonly Uint8Array[],
  passes: readonly Pass[],
  header: PngHeader,
  file: string,
): Promise<Uint8Array> {
  const sizes = passes.map((pass) => pass.height * (rowBytesOf(pass.width, header) + 1));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const packed = data.length === 1 ? data[0]! : Buffer.concat(data);
  const inflated = await inflateAsync(packed, { maxOutputLength: total + SURPLUS, chunkSize: Math.min(total + SURPLUS, CHUNK) }).catch(
    (cause: unknown) => {
      const code = (cause as NodeJS.ErrnoException).code;
      if (code === "Z_BUF_ERROR") throw damaged(file, "truncated: its picture data breaks off", { cause });
      if (code === "ERR_BUFFER_TOO_LARGE") throw damaged(file, "holds more picture data than it declares", { cause });
      throw damaged(file, "its compressed picture data is wrong", { cause });
    },
  );
  // A plain Uint8Array, so that the loops below see one kind of array only.
  const filtered = new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.byteLength);
  if (filtered.length < total) throw damaged(file, "truncated: its picture data ends before the last row");
  const rows = new Uint8Array(total - passes.reduce((sum, pass) => sum + pass.height, 0));
  const step = Math.max(1, (header.colors.samples * header.depth) >> 3);
  let from = 0;
  let to = 0;
  for (const pass of passes) {
    const rowBytes = rowBytesOf(pass.width, header);
    for (let y = 0; y < pass.height; y++, from += rowBytes + 1, to += rowBytes) {
      const row = rows.subarray(to, to + rowBytes);
      const above = y === 0 ? undefined : rows.subarray(to - rowBytes, to);
      if (!unfilter(filtered[from]!, filtered.subarray(from + 1, from + 1 + rowBytes), above, row, step)) {
        throw damaged(file, `row ${count(y)} has a filter no PNG has`);
      }
    }
  }
  return rows;
}

/** Undoes one row's filter into `row`; false where there is no such filter. `above` is absent for the first row: all zeros. */
function unfilter(filter: number, from: Uint8Array, above: Uint8Array | undefined, row: Uint8Array, step: number): boolean {
  const n = row.length;
  // Without a row above, Up is None, and Paeth, whose upper neighbours are then 0, is Sub.
  if (above === undefined) filter = filter === 2 ? 0 : filter === 4 ? 1 : filter;
  if (filter === 0) {
    row.set(from);
  } else if (filter === 1) {
    for (let i = 0; i < step && i < n; i++) row[i] = from[i]!;
    for (let i = step; i < n; i++) row[i] = from[i]! + row[i - step]!;
  } else if (filter === 2) {
    for (let i = 0; i < n; i++) row[i] = from[i]! + above![i]!;
  } else if (filter === 3) {
    for (let i = 0; i < n; i++) row[i] = from[i]! + (((i < step ? 0 : row[i - step]!) + (above === undefined ? 0 : above[i]!)) >> 1);
  } else if (filter === 4) {
    // One channel after another: left and corner stay in registers.
    for (let channel = 0; channel < step; channel++) {
      let left = 0;
      let corner = 0;
      for (let i = channel; i < n; i += step) {
        const up = above![i]!;
        const toLeft = Math.abs(up - corner);
        const toUp = Math.abs(left - corner);
        const toCorner = Math.abs(left + up - corner - corner);
        left = (from[i]! + (toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner)) & 255;
        row[i] = left;
        corner = up;
      }
    }
  } else return false;
  return true;
}
