import { Failure } from "../text/failure.ts";
import { shapeText, volume, type Shape } from "../layers/shape.ts";
import { brokenFile, readBlobRef, withFile, type BlobRef } from "./open.ts";
import { refuseForeign } from "./foreign.ts";
import { openCursor } from "./wire.ts";
import { readBlob } from "./values.ts";

/** A blob in a file of its own: its shape without leading axes of 1, and its values. */
export interface BlobFile {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** The blob of a `.binaryproto` file, usually the mean image of a training set. Throws a {@link Failure} where it is none. */
export async function readBinaryProto(path: string): Promise<BlobFile> {
  const blob = withFile(path, (source): BlobRef => {
    refuseForeign(path, source);
    const cursor = openCursor(source);
    cursor.valueEnd = source.size;
    const read = readBlobRef(cursor);
    if (read === undefined) throw brokenFile(path, source, cursor, undefined);
    return read;
  });
  if (blob.count === 0 || blob.count !== volume(blob.shape)) {
    throw new Failure("bad-file", blob.count === 0 ? "is not a .binaryproto: it holds no values" : `says that it is ${shapeText(blob.shape)}, but holds ${blob.count} values`, { file: path });
  }
  const leading = blob.shape.findIndex((dimension) => dimension !== 1);
  return { shape: blob.legacy && leading > 0 ? blob.shape.slice(Math.min(leading, blob.shape.length - 3)) : blob.shape, data: await readBlob({ path }, blob) };
}

/** The mean of each channel of a mean image, `[channels, rows, columns]` with or without a batch axis of 1. Throws a {@link Failure} for other shapes. */
export function channelMeans({ shape, data }: BlobFile, path?: string): number[] {
  const [channels, rows, columns] = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  if (channels === undefined || rows === undefined || columns === undefined) {
    throw new Failure("bad-file", `is ${shapeText(shape)}, not a mean image of channels x rows x columns`, path === undefined ? {} : { file: path });
  }
  return Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel * rows * columns; i < (channel + 1) * rows * columns; i++) sum += data[i]!;
    return sum / (rows * columns);
  });
}
