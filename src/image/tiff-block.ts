import { promisify } from "node:util";
import { inflate } from "node:zlib";
import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { damaged } from "./checks.ts";
import { decodeJpegStream } from "./jpeg-decode.ts";
import type { TiffFile } from "./tiff-directory.ts";
import type { TiffLayout } from "./tiff-layout.ts";
import { rowBytesOf } from "./tiff-layout.ts";
import { unpackBits, unpackLzw } from "./tiff-unpack.ts";

/** Rows of a block that lie inside the picture. */
export function rowsOf({ blockHeight, height, tiled }: TiffLayout, row: number): number {
  return tiled ? blockHeight : Math.min(blockHeight, height - row * blockHeight);
}

/**
 * The samples of a block, unpacked: `rowsOf` rows of `rowBytesOf` bytes, in the file's byte order. Of JPEG blocks, grey or RGB.
 *
 * Throws a `bad-file` Failure where the block breaks off or is wrong; never unpacks more than the block may hold.
 */
export async function readBlock(tiff: TiffFile, layout: TiffLayout, index: number): Promise<Uint8Array> {
  const { file } = tiff;
  const row = Math.floor((index % (layout.blocksAcross * layout.blocksDown)) / layout.blocksAcross);
  const rows = rowsOf(layout, row);
  const rowBytes = rowBytesOf(layout, layout.blockWidth);
  const name = `${layout.tiled ? "tile" : "strip"} ${count(index)}`;
  const [offset, size] = [layout.offsets[index]!, layout.sizes[index]!];
  // GDAL leaves out blocks of zeros.
  if (size === 0) return new Uint8Array(rows * rowBytes);
  if (layout.compression === "none") return unpredict(await file.read(offset, rows * rowBytes), layout, rowBytes, tiff.little);
  if (size > MAX_SURPLUS + 2 * rowBytes * layout.blockHeight)
    throw damaged(file.path, `${name} is larger packed than unpacked`, { at: offset });
  const packed = await file.read(offset, size);
  if (layout.compression === "jpeg") return readJpegBlock(packed, layout, rows, name, file.path);
  const bytes = await unpack(packed, layout.compression, rows * rowBytes).catch((cause: unknown) => {
    throw damaged(file.path, `${name} is wrong`, { at: offset, cause });
  });
  if (bytes.length < rows * rowBytes) throw damaged(file.path, `${name} breaks off`, { at: offset });
  return unpredict(bytes, layout, rowBytes, tiff.little);
}

/** Room for the headers of packed data, and for what encoders fill up the last strip with. */
const MAX_SURPLUS = 2 ** 20;

const inflateAsync = promisify(inflate);

async function unpack(packed: Uint8Array, compression: "lzw" | "deflate" | "packbits", length: number): Promise<Uint8Array> {
  if (compression === "lzw") return unpackLzw(packed, length);
  if (compression === "packbits") return unpackBits(packed, length);
  const bytes = await inflateAsync(packed, { maxOutputLength: length + MAX_SURPLUS, chunkSize: Math.max(64, Math.min(length, 2 ** 24)) });
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readJpegBlock(packed: Uint8Array, layout: TiffLayout, rows: number, name: string, path: string): Uint8Array {
  const { blockWidth, blockHeight, jpegTables: tables } = layout;
  const channels = layout.planar || layout.samples === 1 ? 1 : 3;
  const colors = layout.colors === "ycc" ? "ycc" : "rgb";
  const maxBytes = MAX_SURPLUS + 4 * 3 * blockWidth * blockHeight;
  try {
    const picture = decodeJpegStream(packed, path, { maxBytes, colors, ...(tables === undefined ? {} : { tables }) });
    if (picture.width !== blockWidth || picture.height < rows || picture.channels !== channels) {
      throw damaged(path, `${name} holds a picture of ${picture.width} x ${picture.height} with ${picture.channels} channels`);
    }
    return picture.data as Uint8Array;
  } catch (cause) {
    // Its place counts from the start of the block, which tells nobody anything.
    throw cause instanceof Failure
      ? new Failure("bad-file", `${name}: ${cause.message}`, { file: path, advice: cause.advice ?? "", cause })
      : cause;
  }
}

/** Adds up the differences that predictor 2 has stored, in place. Source: TIFF 6.0, section 14. */
function unpredict(bytes: Uint8Array, layout: TiffLayout, rowBytes: number, little: boolean): Uint8Array {
  if (layout.predictor !== 2) return bytes;
  const step = layout.planar ? 1 : layout.samples;
  for (let start = 0; start + rowBytes <= bytes.length; start += rowBytes) {
    if (layout.bits === 8) {
      for (let i = start + step; i < start + rowBytes; i++) bytes[i] = bytes[i]! + bytes[i - step]!;
    } else {
      const [low, high] = little ? [0, 1] : [1, 0];
      for (let i = start + 2 * step; i < start + rowBytes; i += 2) {
        const before = i - 2 * step;
        const sum = (bytes[i + high]! << 8) + bytes[i + low]! + (bytes[before + high]! << 8) + bytes[before + low]!;
        bytes[i + high] = sum >> 8;
        bytes[i + low] = sum;
      }
    }
  }
  return bytes;
}
