import type { Failure } from "../text/failure.ts";
import { limit } from "../text/limits.ts";
import { count } from "../text/words.ts";
import { badImage, checkPixels, checkSize, damaged } from "./checks.ts";
import type { Orientation } from "./orientation.ts";
import { orientationOf } from "./orientation.ts";
import type { TiffDirectory, TiffFile } from "./tiff-directory.ts";
import { readFieldBytes, readNumber1, readNumbers } from "./tiff-directory.ts";
import { tags } from "./tiff-tags.ts";

/** How the pixels of a TIFF picture lie in the file: a grid of blocks (tiles or strips), each packed by itself. */
export interface TiffLayout {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  readonly colors: TiffColors;
  readonly compression: Compression;
  /** 2: samples are differences from their left neighbour. */
  readonly predictor: 1 | 2;
  readonly bits: 1 | 2 | 4 | 8 | 16;
  /** Samples a pixel, alpha and the like included. */
  readonly samples: number;
  /** True where each channel has blocks of its own, all of the first before all of the second. */
  readonly planar: boolean;
  readonly alpha: boolean;
  readonly tiled: boolean;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Where each block is and how many bytes it has there. */
  readonly offsets: Float64Array;
  readonly sizes: Float64Array;
  /** 8-bit red, green, blue of each palette entry. */
  readonly palette: Uint8Array | undefined;
  readonly jpegTables: Uint8Array | undefined;
}

export type TiffColors = "white-is-zero" | "grey" | "rgb" | "palette" | "cmyk" | "ycc";
export type Compression = "none" | "lzw" | "deflate" | "packbits" | "jpeg";

/** The layout of a picture, checked. Throws a `bad-file` Failure that says what the file has and this reader does not know. */
export async function readLayout(tiff: TiffFile, directory: TiffDirectory): Promise<TiffLayout> {
  const number = (tag: number, otherwise: number): Promise<number> => readNumber1(tiff, directory, tag, otherwise);
  const { path } = tiff.file;
  const width = await number(tags.ImageWidth, 0);
  const height = await number(tags.ImageLength, 0);
  if (![width, height].every((side) => Number.isInteger(side) && side > 0 && side <= MAX_SIDE)) {
    throw damaged(path, `declares a size of ${count(width)} x ${count(height)} pixels`);
  }
  checkPixels(path, width, height);
  const compression = compressions[await number(tags.Compression, 1)];
  if (compression === undefined) throw unsupported(path, "packed in a way", compressionName(await number(tags.Compression, 1)));
  const colors = photometric[await number(tags.Photometric, 1)];
  if (colors === undefined) throw unsupported(path, "of a colour space", `number ${await number(tags.Photometric, 1)}`);
  const bits = await readBits(tiff, directory);
  const samples = await number(tags.SamplesPerPixel, 1);
  const predictor = await number(tags.Predictor, 1);
  const planar = (await number(tags.PlanarConfiguration, 1)) === 2 && samples > 1;
  const needed = colors === "cmyk" ? 4 : colors === "rgb" || colors === "ycc" ? 3 : 1;
  if (samples < needed || samples > 256) throw damaged(path, `declares ${count(samples)} samples a pixel`);
  if (needed === 1 && samples > 2) throw unsupported(path, `of ${samples} channels`, "neither grey nor RGB");
  if (predictor !== 1 && (predictor !== 2 || bits < 8)) throw unsupported(path, "packed with a predictor", `number ${predictor}`);
  if (planar && (needed === 4 || colors === "ycc" || colors === "palette")) throw unsupported(path, "in separate planes", colors);
  if ((colors === "ycc" || colors === "cmyk" || compression === "jpeg") && bits !== 8)
    throw unsupported(path, `of ${bits} bits`, "in its colours");
  if (colors === "ycc" && compression !== "jpeg") {
    const subsampling = (await readNumbers(tiff, directory, tags.YCbCrSubSampling)) ?? [2, 2];
    if (subsampling[0] !== 1 || subsampling[1] !== 1) throw unsupported(path, "in subsampled YCbCr", "without JPEG packing");
  }
  const layout = {
    width,
    height,
    orientation: orientationOf(await number(tags.Orientation, 1)),
    colors,
    compression,
    predictor: predictor === 2 ? 2 : 1,
    bits,
    samples,
    planar,
    alpha: samples > needed,
    palette: colors === "palette" ? await readPalette(tiff, directory, bits) : undefined,
    jpegTables: compression === "jpeg" ? await readFieldBytes(tiff, directory, tags.JPEGTables, 65_536) : undefined,
  } as const;
  return { ...layout, ...(await readBlocks(tiff, directory, layout)) };
}

const MAX_SIDE = 2 ** 31 - 1;

/** A million by a million pixels in tiles of 256. */
const MAX_BLOCKS = 2 ** 24;

const compressions: Readonly<Record<number, Compression>> = {
  1: "none",
  5: "lzw",
  7: "jpeg",
  8: "deflate",
  32773: "packbits",
  32946: "deflate",
};

const photometric: Readonly<Record<number, TiffColors>> = { 0: "white-is-zero", 1: "grey", 2: "rgb", 3: "palette", 5: "cmyk", 6: "ycc" };

function compressionName(number: number): string {
  const names: Readonly<Record<number, string>> = {
    2: "fax",
    3: "fax",
    4: "fax",
    6: "old JPEG",
    33003: "JPEG 2000",
    33005: "JPEG 2000",
    34712: "JPEG 2000",
    34925: "LZMA",
    50000: "Zstandard",
    50001: "WebP",
  };
  return names[number] ?? `number ${number}`;
}

function unsupported(path: string, what: string, which: string): Failure {
  return badImage(
    path,
    `is a TIFF ${what} that is not read here (${which}).`,
    "Save it as 8-bit grey or RGB, packed with LZW, Deflate or JPEG or not at all.",
  );
}

async function readBits(tiff: TiffFile, directory: TiffDirectory): Promise<TiffLayout["bits"]> {
  const { path } = tiff.file;
  const formats = (await readNumbers(tiff, directory, tags.SampleFormat)) ?? [1];
  const sizes = (await readNumbers(tiff, directory, tags.BitsPerSample)) ?? [1];
  const bits = sizes[0]!;
  if (formats[0] === 3) {
    throw badImage(
      path,
      `holds ${bits}-bit floating-point samples, and does not say which of them are black and white.`,
      "Save it as an 8-bit picture, 0..255.",
    );
  }
  if ((formats[0] !== 1 && formats[0] !== 4) || sizes.some((size) => size !== bits))
    throw unsupported(path, "of samples", "signed, complex or mixed");
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8 && bits !== 16)
    throw unsupported(path, `of ${bits} bits a sample`, "1, 2, 4, 8 and 16 are");
  return bits;
}

async function readPalette(tiff: TiffFile, directory: TiffDirectory, bits: number): Promise<Uint8Array> {
  const map = await readNumbers(tiff, directory, tags.ColorMap);
  const entries = 2 ** bits;
  if (bits > 8 || map?.length !== 3 * entries) throw damaged(tiff.file.path, "its palette is missing or has a wrong size");
  // The standard wants 16 bits, but some programs write 8.
  const scale = map.every((value) => value < 256) ? 1 : 256;
  return Uint8Array.from({ length: 3 * entries }, (_, i) => map[(i % 3) * entries + Math.floor(i / 3)]! / scale);
}

type Blocks = Pick<TiffLayout, "tiled" | "blockWidth" | "blockHeight" | "blocksAcross" | "blocksDown" | "offsets" | "sizes">;
type Pixels = Pick<TiffLayout, "width" | "height" | "samples" | "bits" | "planar" | "compression">;

async function readBlocks(tiff: TiffFile, directory: TiffDirectory, pixels: Pixels): Promise<Blocks> {
  const { path } = tiff.file;
  const { width, height, samples, planar } = pixels;
  const tiled = directory.fields.has(tags.TileOffsets);
  const blockWidth = tiled ? await readNumber1(tiff, directory, tags.TileWidth, 0) : width;
  const rows = await readNumber1(tiff, directory, tiled ? tags.TileLength : tags.RowsPerStrip, tiled ? 0 : height);
  const blockHeight = tiled ? rows : Math.min(rows, height);
  const blocksAcross = Math.ceil(width / blockWidth);
  const blocksDown = Math.ceil(height / blockHeight);
  const blocks = blocksAcross * blocksDown * (planar ? samples : 1);
  const incomplete = damaged(path, "the list of its tiles or strips is incomplete");
  if (!(blockWidth > 0 && blockHeight > 0 && blocks <= MAX_BLOCKS)) throw incomplete;
  const offsets = await readNumbers(tiff, directory, tiled ? tags.TileOffsets : tags.StripOffsets, blocks);
  const sizes = await readNumbers(tiff, directory, tiled ? tags.TileByteCounts : tags.StripByteCounts, blocks);
  if (offsets?.length !== blocks || (sizes === undefined ? pixels.compression !== "none" : sizes.length !== blocks)) throw incomplete;
  const rowBytes = rowBytesOf(pixels, blockWidth);
  // Some programs leave out the sizes of strips that are not packed.
  const known = sizes ?? offsets.map((_, i) => rowBytes * Math.min(blockHeight, height - (i % blocksDown) * blockHeight));
  const result = { tiled, blockWidth, blockHeight, blocksAcross, blocksDown, offsets, sizes: known };
  const seamless = tiled || planar || pixels.compression !== "none" ? undefined : asOneStrip(tiff, result, height, rowBytes);
  if (seamless !== undefined) return seamless;
  checkSize(path, blockWidth, blockHeight, rowBytes / blockWidth, limit("imageBytes"));
  return result;
}

/** Bytes of one row of a block. */
export function rowBytesOf({ samples, bits, planar }: Pick<TiffLayout, "samples" | "bits" | "planar">, blockWidth: number): number {
  return Math.ceil((blockWidth * (planar ? 1 : samples) * bits) / 8);
}

/** How many bytes of a picture that is not packed are taken at a time. */
const STRIP_BYTES = 2 ** 20;

/** Strips that are not packed and lie one behind the other, cut anew into handy ones; undefined where they do not. */
function asOneStrip({ file }: TiffFile, blocks: Blocks, height: number, rowBytes: number): Blocks | undefined {
  const { blockHeight, blocksDown, offsets } = blocks;
  for (let i = 1; i < blocksDown; i++) {
    if (offsets[i] !== offsets[0]! + i * blockHeight * rowBytes) return undefined;
  }
  if (offsets[0]! + height * rowBytes > file.size) {
    throw damaged(
      file.path,
      `truncated: it has ${count(file.size)} bytes, and its picture ends at byte ${count(offsets[0]! + height * rowBytes)}`,
    );
  }
  const rows = Math.max(1, Math.floor(STRIP_BYTES / rowBytes));
  const strips = Math.ceil(height / rows);
  return {
    ...blocks,
    blockHeight: Math.min(rows, height),
    blocksDown: strips,
    offsets: Float64Array.from({ length: strips }, (_, i) => offsets[0]! + i * rows * rowBytes),
    sizes: Float64Array.from({ length: strips }, (_, i) => Math.min(rows, height - i * rows) * rowBytes),
  };
}
