import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { createAtomicFile } from "../text/atomic.ts";
import { Failure, fileFailure } from "../text/failure.ts";
import { blobFields, encodeType, layerFields, netFields, shapeDimField, v0LayerInV1 } from "./layout.ts";
import type { BlobRef, Span, WeightsFile, WeightsLayer } from "./open.ts";
import { readStored, valueSizes } from "./values.ts";
import { encodeBytesField, encodeHeader, encodeVarint, joinBytes } from "./wire.ts";

/** What becomes of a blob. */
export interface BlobChange {
  /** Its new shape; the number of values stays. */
  readonly shape: readonly number[];
  /** The values are stored as `rows x columns` and are to be written as `columns x rows`. */
  readonly transpose?: { readonly rows: number; readonly columns: number };
}

/** What becomes of a layer; what is not named stays as it is. */
export interface LayerChange {
  readonly name?: string;
  /** V2's name of the new type. */
  readonly type?: string;
  /** By position; undefined leaves a blob as it is. */
  readonly blobs?: readonly (BlobChange | undefined)[];
  /** Numbers of fields to leave out, in the layer's own format. */
  readonly dropFields?: readonly number[];
}

export interface RewriteOptions {
  /** Called with the bytes written and their total. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes held at once while copying or transposing. */
const CHUNK = 8 * 1024 * 1024;

/** A stretch of the new file. */
type Piece =
  | { readonly kind: "copy"; readonly span: Span }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "transpose"; readonly blob: BlobRef; readonly rows: number; readonly columns: number };

/**
 * Writes a model with some layers changed; every other byte is copied as it is, in memory that does not grow with the file.
 * `changes` are by layer name and hold for the first layer of that name. The new file appears complete or not at all.
 *
 * Throws a {@link Failure}: `cannot-read`, `cannot-write`, `bad-file` where the source changes meanwhile, `cancelled`.
 */
export async function rewriteWeights(source: WeightsFile, target: string, changes: ReadonlyMap<string, LayerChange>, options: RewriteOptions = {}): Promise<void> {
  const pieces = piecesOf(source, changes);
  const total = length(pieces);
  let input: number;
  try {
    input = openSync(source.path, "r");
  } catch (cause) {
    throw fileFailure("cannot-read", source.path, cause);
  }
  try {
    const file = await createAtomicFile(target);
    try {
      const output = file.handle.fd;
      let done = 0;
      for (const piece of pieces) {
        for (const written of write(piece, input, output, done, source.path)) {
          if (options.signal?.aborted === true) throw new Failure("cancelled", "cancelled; nothing was written", { file: target });
          options.onProgress?.(done + written, total);
          await setImmediate();
        }
        done += size(piece);
      }
    } catch (cause) {
      await file.discard();
      throw cause instanceof Failure ? cause : fileFailure("cannot-write", target, cause);
    }
    await file.commit();
  } finally {
    closeSync(input);
  }
}

function piecesOf(source: WeightsFile, changes: ReadonlyMap<string, LayerChange>): Piece[] {
  const pieces: Piece[] = [];
  const seen = new Set<string>();
  let at = 0;
  for (const layer of source.layers) {
    const change = seen.has(layer.name) ? undefined : changes.get(layer.name);
    seen.add(layer.name);
    if (change === undefined) continue;
    pieces.push(copy(at, layer.field.start), ...layerPieces(layer, change));
    at = layer.field.end;
  }
  pieces.push(copy(at, source.bytes));
  return pieces.filter((piece) => size(piece) > 0);
}

function layerPieces(layer: WeightsLayer, change: LayerChange): Piece[] {
  const numbers = layerFields[layer.format];
  const parts: { at: number; pieces: Piece[] }[] = layer.fields.map((field) => {
    if (field.number === numbers.name && change.name !== undefined) return { at: field.start, pieces: [bytes(encodeBytesField(numbers.name, change.name))] };
    if (field.number === numbers.type && change.type !== undefined) {
      const type = encodeType(layer.format, change.type);
      return { at: field.start, pieces: type === undefined ? [copy(field.start, field.end)] : [bytes(type)] };
    }
    return { at: field.start, pieces: change.dropFields?.includes(field.number) === true ? [] : [copy(field.start, field.end)] };
  });
  layer.blobs.forEach((blob, i) => {
    const changed = change.blobs?.[i];
    parts.push({ at: blob.field.start, pieces: changed === undefined ? [copy(blob.field.start, blob.field.end)] : wrap(numbers.blobs, blobPieces(blob, changed)) });
  });
  const body = parts.sort((a, b) => a.at - b.at).flatMap((part) => part.pieces);
  const { inner, outer } = layer;
  const whole = inner === undefined ? body : [copy(outer.start, inner.start), ...wrap(v0LayerInV1, body), copy(inner.end, outer.end)];
  return wrap(layer.format === "V2" ? netFields.layersV2 : netFields.layersV1, whole);
}

function blobPieces(blob: BlobRef, change: BlobChange): Piece[] {
  const pieces: Piece[] = [bytes(encodeShape(change.shape))];
  const left = [...blob.shapeFields, ...(change.transpose === undefined ? [] : blob.valueFields)].sort((a, b) => a.start - b.start);
  let at = blob.body.start;
  for (const span of left) {
    pieces.push(copy(at, span.start));
    at = span.end;
  }
  pieces.push(copy(at, blob.body.end));
  if (change.transpose !== undefined) {
    const number = blob.type === "float64" ? blobFields.doubleData : blob.type === "float16" ? blobFields.rawData : blobFields.data;
    pieces.push(bytes(encodeHeader(number, blob.count * valueSizes[blob.type])), { kind: "transpose", blob, ...change.transpose });
  }
  return pieces;
}

/** `shape { dim: … }`, packed as Caffe writes it. */
function encodeShape(shape: readonly number[]): Uint8Array {
  return encodeBytesField(blobFields.shape, encodeBytesField(shapeDimField, joinBytes(shape.map(encodeVarint))));
}

function wrap(field: number, pieces: readonly Piece[]): Piece[] {
  return [bytes(encodeHeader(field, length(pieces))), ...pieces];
}

function copy(start: number, end: number): Piece {
  return { kind: "copy", span: { start, end } };
}

function bytes(data: Uint8Array): Piece {
  return { kind: "bytes", bytes: data };
}

function size(piece: Piece): number {
  if (piece.kind === "copy") return piece.span.end - piece.span.start;
  return piece.kind === "bytes" ? piece.bytes.length : piece.blob.count * valueSizes[piece.blob.type];
}

function length(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + size(piece), 0);
}

/** Writes one piece at a position of the output, chunk by chunk; yields the bytes of it that are written. */
function* write(piece: Piece, input: number, output: number, position: number, path: string): Generator<number> {
  if (piece.kind === "bytes") writeAll(output, piece.bytes, position);
  else if (piece.kind === "transpose") yield* transpose(piece, input, output, position, path);
  else {
    const { start, end } = piece.span;
    const buffer = new Uint8Array(Math.min(CHUNK, end - start));
    for (let at = start; at < end; ) {
      const read = readSync(input, buffer, 0, Math.min(buffer.length, end - at), at);
      if (read === 0) throw new Failure("bad-file", "became shorter while it was read", { file: path });
      writeAll(output, buffer.subarray(0, read), position + at - start);
      at += read;
      if (read === CHUNK) yield at - start;
    }
  }
}

/** Reads bands of rows and writes each column's part of the band where it belongs. */
function* transpose({ blob, rows, columns }: Extract<Piece, { kind: "transpose" }>, input: number, output: number, position: number, path: string): Generator<number> {
  const each = valueSizes[blob.type];
  const Lanes = { float32: Uint32Array, float64: Float64Array, float16: Uint16Array }[blob.type];
  const band = Math.max(1, Math.min(rows, Math.floor((2 * CHUNK) / (columns * each))));
  for (let first = 0; first < rows; first += band) {
    const height = Math.min(band, rows - first);
    const from = new Lanes(readStored(input, path, blob, first * columns, (first + height) * columns).buffer as ArrayBuffer);
    const to = new Lanes(from.length);
    for (let row = 0; row < height; row++) for (let column = 0; column < columns; column++) to[column * height + row] = from[row * columns + column]!;
    const turned = new Uint8Array(to.buffer);
    if (height === rows) writeAll(output, turned, position);
    else {
      for (let column = 0; column < columns; column++) {
        writeAll(output, turned.subarray(column * height * each, (column + 1) * height * each), position + (column * rows + first) * each);
      }
    }
    yield (first + height) * columns * each;
  }
}

function writeAll(output: number, data: Uint8Array, position: number): void {
  for (let done = 0; done < data.length; ) done += writeSync(output, data, done, data.length - done, position + done);
}
