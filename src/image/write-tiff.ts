import { writeFileAtomic } from "../text/atomic.ts";

/** A picture or map to write as TIFF: `height` rows of `width` pixels of `channels` interleaved samples, 8-bit or 32-bit float. */
export interface TiffPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
}

const tags = {
  width: 256, height: 257, bits: 258, compression: 259, photometric: 262, stripOffsets: 273, samples: 277, rowsPerStrip: 278, stripBytes: 279,
  planar: 284, sampleFormat: 339,
} as const;
const SHORT = 3;
const LONG = 4;
/** Bytes of a strip, about; readers hold one at a time. */
const STRIP = 64 * 1024;

/** Writes an uncompressed, striped TIFF, which appears whole or not at all. Throws a `cannot-write` Failure. Source: TIFF 6.0. */
export async function writeTiff(path: string, picture: TiffPicture): Promise<void> {
  await writeFileAtomic(path, encodeTiff(picture));
}

/** The bytes of the same file. */
export function encodeTiff({ width, height, channels, data }: TiffPicture): Uint8Array {
  const isFloat = data instanceof Float32Array;
  const rowBytes = width * channels * (isFloat ? 4 : 1);
  const rowsPerStrip = Math.max(1, Math.min(height, Math.floor(STRIP / rowBytes)));
  const strips = Math.ceil(height / rowsPerStrip);
  const stripBytes = Array.from({ length: strips }, (_, i) => Math.min(rowsPerStrip, height - i * rowsPerStrip) * rowBytes);
  const repeated = (value: number): number[] => Array.from({ length: channels }, () => value);
  const fields: [tag: number, type: typeof SHORT | typeof LONG, values: number[]][] = [
    [tags.width, LONG, [width]],
    [tags.height, LONG, [height]],
    [tags.bits, SHORT, repeated(isFloat ? 32 : 8)],
    [tags.compression, SHORT, [1]],
    [tags.photometric, SHORT, [channels === 3 ? 2 : 1]],
    [tags.stripOffsets, LONG, stripBytes],
    [tags.samples, SHORT, [channels]],
    [tags.rowsPerStrip, LONG, [rowsPerStrip]],
    [tags.stripBytes, LONG, stripBytes],
    [tags.planar, SHORT, [1]],
    [tags.sampleFormat, SHORT, repeated(isFloat ? 3 : 1)],
  ];
  const directory = 8;
  const size = ([, type, values]: (typeof fields)[number]): number => values.length * (type === SHORT ? 2 : 4);
  let extra = directory + 2 + 12 * fields.length + 4;
  const start = extra + fields.reduce((sum, field) => sum + (size(field) > 4 ? size(field) + (size(field) % 2) : 0), 0);
  const file = Buffer.alloc(start + rowBytes * height);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(directory, 4);
  file.writeUInt16LE(fields.length, directory);
  for (const [i, field] of fields.entries()) {
    const [tag, type, values] = field;
    const entry = directory + 2 + 12 * i;
    file.writeUInt16LE(tag, entry);
    file.writeUInt16LE(type, entry + 2);
    file.writeUInt32LE(values.length, entry + 4);
    let at = entry + 8;
    if (size(field) > 4) {
      file.writeUInt32LE(extra, at);
      at = extra;
      extra += size(field) + (size(field) % 2);
    }
    let offset = start;
    for (const value of values) {
      const written = tag === tags.stripOffsets ? offset : value;
      offset += value;
      at = type === SHORT ? file.writeUInt16LE(written, at) : file.writeUInt32LE(written, at);
    }
  }
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return file;
}
