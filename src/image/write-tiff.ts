import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import type { TiffPicture } from "./tiff-fields.ts";
import { pictureFields, tiffDirectory, tiffHeader } from "./tiff-fields.ts";
import { tags } from "./tiff-tags.ts";
import { deflated, tailOf, writeAt } from "./tile-store.ts";

/** A picture to write: `height` rows of `width` pixels of `channels` interleaved samples, floats or bytes. */
export interface TiffRaster {
  readonly width: number;
  readonly height: number;
  /** 1 grey; 3 bytes RGB; floats any number. */
  readonly channels: number;
  readonly data: Float32Array | Uint8Array | Uint8ClampedArray;
}

/** Settings of {@link writeTiff}. */
export interface TiffOptions {
  readonly compression?: "none" | "deflate";
  /** Micrometres from pixel to pixel. */
  readonly resolution?: number;
}

/** A TIFF of strips on its way into a file. */
export interface StripTiff {
  /** Rows of every strip but the last, which may have fewer. */
  readonly rowsPerStrip: number;
  readonly strips: number;
  /** Writes a strip, in any order, each once. Its samples may change as soon as the promise is fulfilled. Throws a `cannot-write` Failure. */
  writeStrip(index: number, samples: Uint8Array): Promise<void>;
  /** Completes the file and puts it in its place. Throws a `cannot-write` Failure. */
  finish(): Promise<void>;
  /** Gives it up: nothing is left of it. */
  discard(): Promise<void>;
}

/**
 * Begins a TIFF file in strips: 32-bit float or 8-bit, written as it comes. Without compression each strip has its place, so that the file is the same whatever
 * the order.
 *
 * For pictures up to 2 GB; `createTiledTiff` is for larger ones. Source: TIFF 6.0 (Adobe, 1992).
 */
export async function createTiff(path: string, picture: TiffPicture): Promise<StripTiff> {
  const { width, height, channels, sampleFormat, compression } = picture;
  const rowBytes = width * channels * (sampleFormat === "float32" ? 4 : 1);
  if (rowBytes * height > MAX_BYTES) throw new Failure("bad-request", "is too large for a plain TIFF.", { advice: "Write a tiled one." });
  const rowsPerStrip = Math.max(1, Math.min(height, Math.floor(STRIP_BYTES / rowBytes)));
  const strips = Math.ceil(height / rowsPerStrip);
  const [offsets, sizes] = [new Float64Array(strips), new Float64Array(strips)];
  const file = await createAtomicFile(path);
  const tail = tailOf(file.handle, HEADER_BYTES + (compression === "none" ? rowBytes * height : 0));
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      await file.discard();
      throw cause instanceof Failure ? cause : fileFailure("cannot-write", path, cause);
    }
  };
  const writeStrip = async (index: number, samples: Uint8Array): Promise<void> => {
    const strip = compression === "none" ? samples : await deflated(samples);
    sizes[index] = strip.length;
    if (compression !== "none") offsets[index] = await tail.append(strip);
    else await writeAt(file.handle, (offsets[index] = HEADER_BYTES + index * rowsPerStrip * rowBytes), strip);
  };
  const finish = async (): Promise<void> => {
    // A directory begins at an even place.
    tail.end += tail.end & 1;
    const fields = [
      ...pictureFields(picture),
      { tag: tags.RowsPerStrip, type: "long", values: [rowsPerStrip] },
      { tag: tags.StripOffsets, type: "long", values: offsets },
      { tag: tags.StripByteCounts, type: "long", values: sizes },
    ] as const;
    const first = tail.end;
    await tail.append(tiffDirectory(fields, first, false, () => 0));
    await writeAt(file.handle, 0, tiffHeader(false, first));
    await file.commit();
  };
  return {
    rowsPerStrip,
    strips,
    writeStrip: (index, samples) => guarded(() => writeStrip(index, samples)),
    finish: () => guarded(finish),
    discard: () => file.discard(),
  };
}

/** Writes the picture to a TIFF file, whole or not at all. Throws a `cannot-write` Failure. */
export async function writeTiff(path: string, raster: TiffRaster, { compression = "none", resolution }: TiffOptions = {}): Promise<void> {
  const { width, height, channels, data } = raster;
  if (data.length !== width * height * channels || data.length === 0) {
    throw new RangeError(`a ${width} x ${height} picture of ${channels} channels has not ${data.length} samples`);
  }
  const sampleFormat = data instanceof Float32Array ? "float32" : "uint8";
  const tiff = await createTiff(path, { width, height, channels, sampleFormat, compression, ...(resolution !== undefined && { resolution }) });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const stripBytes = tiff.rowsPerStrip * (data.byteLength / height);
  for (let strip = 0; strip < tiff.strips; strip++) await tiff.writeStrip(strip, bytes.subarray(strip * stripBytes, (strip + 1) * stripBytes));
  await tiff.finish();
}

/** Below the 4 GB at which the format itself ends. */
const MAX_BYTES = 2 ** 31 - 2 ** 20;

const STRIP_BYTES = 2 ** 18;
const HEADER_BYTES = 8;
