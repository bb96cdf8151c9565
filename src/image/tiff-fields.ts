import { tags } from "./tiff-tags.ts";

/** What the samples of a written TIFF are. */
export type SampleFormat = "uint8" | "float32";

/** A field of a TIFF directory to be written. Numbers may be many; a text is ASCII. */
export interface TiffValue {
  readonly tag: number;
  readonly type: "short" | "long" | "long8" | "rational" | "ascii";
  readonly values: readonly number[] | Float64Array | string;
}

/** What every picture written here has in common. */
export interface TiffPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly sampleFormat: SampleFormat;
  readonly compression: "none" | "deflate";
  /** Micrometres from pixel to pixel. */
  readonly resolution?: number;
}

/** The fields that say what the pixels are. Three bytes a pixel are RGB, any other number of channels is grey and more. */
export function pictureFields(picture: TiffPicture): TiffValue[] {
  const { width, height, channels, sampleFormat, compression, resolution } = picture;
  const isRgb = channels === 3 && sampleFormat === "uint8";
  const each = (value: number): number[] => Array.from({ length: channels }, () => value);
  const extra = channels - (isRgb ? 3 : 1);
  const fields: TiffValue[] = [
    { tag: tags.ImageWidth, type: "long", values: [width] },
    { tag: tags.ImageLength, type: "long", values: [height] },
    { tag: tags.BitsPerSample, type: "short", values: each(sampleFormat === "uint8" ? 8 : 32) },
    { tag: tags.Compression, type: "short", values: [compression === "none" ? 1 : 8] },
    { tag: tags.Photometric, type: "short", values: [isRgb ? 2 : 1] },
    { tag: tags.SamplesPerPixel, type: "short", values: [channels] },
    { tag: tags.PlanarConfiguration, type: "short", values: [1] },
    { tag: tags.Software, type: "ascii", values: "Net Surgeon" },
    { tag: tags.SampleFormat, type: "short", values: each(sampleFormat === "uint8" ? 1 : 3) },
  ];
  if (extra > 0) fields.push({ tag: tags.ExtraSamples, type: "short", values: Array.from({ length: extra }, () => 0) });
  if (resolution !== undefined) {
    const perCentimetre = 10_000 / resolution;
    fields.push({ tag: tags.XResolution, type: "rational", values: [perCentimetre] });
    fields.push({ tag: tags.YResolution, type: "rational", values: [perCentimetre] });
    fields.push({ tag: tags.ResolutionUnit, type: "short", values: [3] });
  }
  return fields;
}

/** The eight or sixteen bytes a file begins with, pointing to the directory at `first`. Little-endian, as everything here. */
export function tiffHeader(big: boolean, first: number): Buffer {
  const header = Buffer.alloc(big ? 16 : 8);
  header.write("II", 0, "latin1");
  header.writeUInt16LE(big ? 43 : 42, 2);
  if (big) {
    header.writeUInt16LE(8, 4);
    header.writeBigUInt64LE(BigInt(first), 8);
  } else header.writeUInt32LE(first, 4);
  return header;
}

/** The directory of these fields for byte `at` of the file, with what does not fit into it behind it; `next` is the one after it. */
export function tiffDirectory(fields: readonly TiffValue[], at: number, big: boolean, next: (end: number) => number): Buffer {
  const sorted = [...fields].sort((a, b) => a.tag - b.tag);
  const [countSize, entrySize, offsetSize] = big ? [8, 20, 8] : [2, 12, 4];
  const directory = Buffer.alloc(countSize + sorted.length * entrySize + offsetSize);
  const writeOffset = (value: number, position: number): void => {
    if (big) directory.writeBigUInt64LE(BigInt(value), position);
    else directory.writeUInt32LE(value, position);
  };
  if (big) directory.writeBigUInt64LE(BigInt(sorted.length), 0);
  else directory.writeUInt16LE(sorted.length, 0);
  const outside: Buffer[] = [];
  let end = at + directory.length;
  sorted.forEach(({ tag, type, values }, i) => {
    const entry = countSize + i * entrySize;
    const bytes = valueBytes(type, values);
    directory.writeUInt16LE(tag, entry);
    directory.writeUInt16LE(typeNumbers[type], entry + 2);
    writeOffset(typeof values === "string" ? bytes.length : values.length, entry + 4);
    if (bytes.length <= offsetSize) directory.set(bytes, entry + 4 + offsetSize);
    else {
      // Every value begins at a multiple of 8, which is more than any reader asks.
      const padding = -end & 7;
      outside.push(Buffer.alloc(padding), bytes);
      writeOffset(end + padding, entry + 4 + offsetSize);
      end += padding + bytes.length;
    }
  });
  const whole = end + (-end & 7);
  writeOffset(next(whole), directory.length - offsetSize);
  return Buffer.concat([directory, ...outside, Buffer.alloc(whole - end)]);
}

const typeNumbers = { ascii: 2, short: 3, long: 4, rational: 5, long8: 16 } as const;

function valueBytes(type: TiffValue["type"], values: TiffValue["values"]): Buffer {
  if (typeof values === "string") return Buffer.from(`${values}\0`, "latin1");
  const size = { short: 2, long: 4, rational: 8, long8: 8, ascii: 1 }[type];
  const bytes = Buffer.alloc(values.length * size);
  values.forEach((value, i) => {
    if (type === "short") bytes.writeUInt16LE(value, i * size);
    else if (type === "long") bytes.writeUInt32LE(value, i * size);
    else if (type === "long8") bytes.writeBigUInt64LE(BigInt(value), i * size);
    else {
      const [numerator, denominator] = rational(value);
      bytes.writeUInt32LE(numerator, i * size);
      bytes.writeUInt32LE(denominator, i * size + 4);
    }
  });
  return bytes;
}

/** A positive number as a fraction of two 32-bit numbers, to at least six digits. */
function rational(value: number): [numerator: number, denominator: number] {
  let denominator = 1;
  while (denominator < 1e6 && value * denominator < 1e8 && !Number.isInteger(value * denominator)) denominator *= 10;
  return [Math.min(Math.round(value * denominator), 2 ** 32 - 1), denominator];
}
