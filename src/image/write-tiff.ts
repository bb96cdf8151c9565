import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { writeFileAtomic } from "../text/atomic.ts";
import { Failure } from "../text/failure.ts";
import type { TiffValue } from "./tiff-fields.ts";
import { pictureFields, tiffDirectory, tiffHeader } from "./tiff-fields.ts";
import { tags } from "./tiff-tags.ts";

/** A picture to write: `height` rows of `width` pixels of `channels` interleaved samples, floats or bytes. */
export interface TiffRaster {
  readonly width: number;
  readonly height: number;
  /** 1 grey; 3 bytes RGB; floats any number. */
  readonly channels: number;
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray;
}

/** Settings of {@link encodeTiff}. */
export interface TiffOptions {
  readonly compression?: "none" | "deflate";
  /** Micrometres from pixel to pixel. */
  readonly resolution?: number;
}

/**
 * The picture as the bytes of a TIFF file in strips: 32-bit float or 8-bit, as `data` is.
 *
 * For pictures up to 2 GB; `createTiledTiff` is for larger ones. Source: TIFF 6.0 (Adobe, 1992).
 */
export async function encodeTiff(raster: TiffRaster, options: TiffOptions = {}): Promise<Uint8Array> {
  const { width, height, channels, data } = raster;
  const { compression = "none", resolution } = options;
  if (data.length !== width * height * channels || data.length === 0) {
    throw new RangeError(`a ${width} x ${height} picture of ${channels} channels has not ${data.length} samples`);
  }
  const sampleFormat = data instanceof Float32Array ? "float32" : "uint8";
  if (data.byteLength > MAX_BYTES) throw new Failure("bad-request", "is too large for a plain TIFF.", { advice: "Write a tiled one." });
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const rowBytes = data.byteLength / height;
  const rowsPerStrip = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / rowBytes)));
  const strips: Uint8Array[] = [];
  for (let row = 0; row < height; row += rowsPerStrip) {
    const strip = bytes.subarray(row * rowBytes, Math.min(height, row + rowsPerStrip) * rowBytes);
    strips.push(compression === "none" ? strip : await deflateAsync(strip, { level: DEFLATE_LEVEL }));
  }
  const layout = (offsets: number[]): TiffValue[] => [
    ...pictureFields({ width, height, channels, sampleFormat, compression, ...(resolution === undefined ? {} : { resolution }) }),
    { tag: tags.RowsPerStrip, type: "long", values: [rowsPerStrip] },
    { tag: tags.StripOffsets, type: "long", values: offsets },
    { tag: tags.StripByteCounts, type: "long", values: strips.map((strip) => strip.length) },
  ];
  const directoryOf = (offsets: number[]): Buffer => tiffDirectory(layout(offsets), HEADER_BYTES, false, () => 0);
  // The directory is as long whatever the offsets in it are.
  let at = HEADER_BYTES + directoryOf(strips.map(() => 0)).length;
  const offsets = strips.map((strip) => (at += strip.length) - strip.length);
  return Buffer.concat([tiffHeader(false, HEADER_BYTES), directoryOf(offsets), ...strips]);
}

/** Writes the picture to a TIFF file, whole or not at all. Throws a `cannot-write` Failure. */
export async function writeTiff(path: string, raster: TiffRaster, options: TiffOptions = {}): Promise<void> {
  await writeFileAtomic(path, await encodeTiff(raster, options));
}

const deflateAsync = promisify(deflate);

/** zlib's effort for maps: 6 gains next to nothing on floats and takes several times as long. */
const DEFLATE_LEVEL = 3;

/** What fits into one buffer on every machine; the format itself ends at 4 GB. */
const MAX_BYTES = 2 ** 31 - 2 ** 20;

const STRIP_BYTES = 2 ** 18;
const HEADER_BYTES = 8;
