import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { shapeText, volume, type Shape } from "../layers/shape.ts";
import { identifyByContent, identifyByMagic } from "./identify.ts";
import { foreignFailure } from "./open.ts";
import { scanBlob } from "./scan-blob.ts";
import { withFile } from "./source.ts";
import { readValues } from "./values.ts";
import type { BlobRef } from "./weights-file.ts";
import type { ByteSource } from "./wire.ts";
import { openCursor } from "./wire.ts";

/** A blob in a file of its own. */
export interface BlobFile {
  /** Leading axes of 1 before the last three are left out: a mean image is `channels x rows x columns`. */
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** The blob of a `.binaryproto` file, usually the mean image of a training set. Throws a {@link Failure} where it is none. */
export function readBinaryProto(path: string): Promise<BlobFile> {
  return withFile(path, (source) => {
    const blob = indexBlob(source, path);
    return { shape: withoutBatch(blob.shape), data: readValues(source, blob, 0, blob.count, path) };
  });
}

/** The mean of each channel of a mean image. Throws a {@link Failure} for shapes other than `channels x rows x columns`. */
export function channelMeans({ shape, data }: BlobFile, path?: string): number[] {
  const [channels, rows, columns] = withoutBatch(shape);
  if (shape.length < 3 || withoutBatch(shape).length !== 3) {
    const message = `is ${shapeText(shape)}, not a mean image of channels x rows x columns.`;
    throw new Failure("bad-file", message, path === undefined ? {} : { file: path });
  }
  const pixels = rows! * columns!;
  return Array.from({ length: channels! }, (_, channel) => {
    let sum = 0;
    for (let i = channel * pixels; i < (channel + 1) * pixels; i++) sum += data[i]!;
    return sum / pixels;
  });
}

/** Where the values of a BlobProto that fills a whole source lie, as many as its shape says. Throws a {@link Failure} for anything else. */
export function indexBlob(source: ByteSource, path: string): BlobRef {
  const byMagic = identifyByMagic(source, "mean image");
  if (byMagic !== undefined) throw foreignFailure(byMagic, path);
  const whole = { start: 0, end: source.size };
  let blob: BlobRef;
  try {
    blob = scanBlob(openCursor(source), 0, source.size, whole, path, "the blob");
  } catch (error) {
    throw otherwise(source, path) ?? error;
  }
  if (blob.count === 0) {
    throw otherwise(source, path) ?? new Failure("bad-file", "is not a .binaryproto: it holds no values.", { file: path });
  }
  if (blob.count !== volume(blob.shape)) {
    throw new Failure("bad-file", `says that it is ${shapeText(blob.shape)}, but holds ${count(blob.count)} values.`, { file: path });
  }
  return blob;
}

function otherwise(source: ByteSource, path: string): Failure | undefined {
  const foreign = identifyByContent(source, "mean image");
  return foreign && foreignFailure(foreign, path);
}

function withoutBatch(shape: Shape): Shape {
  let first = 0;
  while (shape.length - first > 3 && shape[first] === 1) first++;
  return shape.slice(first);
}
