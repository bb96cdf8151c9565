import { Failure } from "../text/failure.ts";
import { count, counted } from "../text/words.ts";
import { shapeText, volume } from "../layers/shape.ts";
import type { LayerFormat } from "./layout.ts";
import { blobFields, encodeShape, encodeType, layerFields, v0LayerInV1 } from "./layout.ts";
import { shownName } from "./shown-name.ts";
import type { BlobRef, WeightsFile, WeightsLayer } from "./weights-file.ts";
import { layerNamed, valueSize } from "./weights-file.ts";
import type { ByteSource, WireCursor } from "./wire.ts";
import { encodeBytesField, encodeHeader, nextField, openCursor, wireTypes } from "./wire.ts";

/** What becomes of a blob. */
export interface BlobChange {
  /** Its new shape; the number of values stays. Written as `shape { dim: ... }`, also in place of legacy dimensions. */
  readonly shape: readonly number[];
  /** The values are stored as `rows x columns` and are to be written as `columns x rows`. Gradients are left out then. */
  readonly transpose?: { readonly rows: number; readonly columns: number };
}

/** What becomes of a layer; what is not named stays as it is. Field numbers are those of the layer's own format (V0: the inner layer). */
export interface LayerChange {
  readonly name?: string;
  /** V2's name of the new type, written as the layer's format wants it. */
  readonly type?: string;
  /** By position; undefined leaves a blob as it is. */
  readonly blobs?: readonly (BlobChange | undefined)[];
  /** Numbers of fields to leave out: 117 is inner_product_param in V2, 17 in V1. */
  readonly dropFields?: readonly number[];
  /** Encoded fields to add at the layer's end. */
  readonly addFields?: Uint8Array;
}

/** A stretch of the new file. */
export type Piece =
  | { readonly kind: "copy"; readonly start: number; readonly end: number }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "transpose"; readonly blob: BlobRef; readonly rows: number; readonly columns: number };

/**
 * The new file as stretches of the old one with new bytes between them; all lengths are known before a byte is written.
 *
 * A change is for the layer that {@link layerNamed} finds. Throws a {@link Failure} `bad-weights` for a layer or blob
 * that is not there, a shape of another number of values, and a type that the file's format does not know.
 */
export function planRewrite(file: WeightsFile, source: ByteSource, changes: ReadonlyMap<string, LayerChange>): Piece[] {
  const cursor = openCursor(source);
  const changed = [...changes].map(([name, change]) => {
    const layer = layerNamed(file, name);
    if (layer === undefined) throw new Failure("bad-weights", `has no layer '${shownName(name)}'.`, { file: file.path });
    return { layer, change };
  });
  changed.sort((a, b) => a.layer.span.start - b.layer.span.start);
  const pieces: Piece[] = [];
  let at = 0;
  for (const { layer, change } of changed) {
    pieces.push(copy(at, layer.span.start), ...layerPieces({ cursor, file: file.path, layer, change, blobs: 0, written: new Set() }));
    at = layer.span.end;
  }
  pieces.push(copy(at, file.bytes));
  return merged(pieces);
}

/** Bytes of a piece in the new file. */
export function pieceSize(piece: Piece): number {
  if (piece.kind === "copy") return piece.end - piece.start;
  return piece.kind === "bytes" ? piece.bytes.length : piece.blob.count * valueSize[piece.blob.type];
}

interface LayerWork {
  readonly cursor: WireCursor;
  readonly file: string;
  readonly layer: WeightsLayer;
  readonly change: LayerChange;
  /** Blobs met so far. */
  blobs: number;
  /** What has been written already, of what is written once. */
  readonly written: Set<"name" | "type" | "added">;
}

function layerPieces(work: LayerWork): Piece[] {
  const { cursor, layer, change } = work;
  cursor.position = layer.span.start;
  nextField(cursor, layer.span.end);
  const { field, valueStart, valueEnd } = cursor;
  const body = layer.format === "V0" ? v0Pieces(work, valueStart, valueEnd) : bodyPieces(work, layer.format, valueStart, valueEnd);
  const asked = change.blobs?.length ?? 0;
  if (asked > work.blobs) throw refused(work, `has ${counted(work.blobs, "blob")}, not ${count(asked)}`);
  return wrap(field, body);
}

/** A V1 layer whose V0 layer inside is changed. */
function v0Pieces(work: LayerWork, start: number, end: number): Piece[] {
  const { cursor } = work;
  const pieces: Piece[] = [];
  cursor.position = start;
  while (nextField(cursor, end)) {
    const { field, wire, fieldStart, valueStart, valueEnd } = cursor;
    if (field !== v0LayerInV1 || wire !== wireTypes.bytes) pieces.push(copy(fieldStart, valueEnd));
    else {
      pieces.push(...wrap(field, bodyPieces(work, "V0", valueStart, valueEnd)));
      cursor.position = valueEnd;
    }
  }
  return pieces;
}

function bodyPieces(work: LayerWork, format: LayerFormat, start: number, end: number): Piece[] {
  const { cursor, change, written, layer } = work;
  const numbers = layerFields[format];
  const pieces: Piece[] = [];
  const once = (what: "name" | "type" | "added", encode: () => Uint8Array): void => {
    if (!written.has(what)) pieces.push({ kind: "bytes", bytes: encode() });
    written.add(what);
  };
  const writeName = (): void => { once("name", () => encodeBytesField(numbers.name, change.name!)); };
  const writeType = (): void => { once("type", () => typeField(work, format)); };

  cursor.position = start;
  while (nextField(cursor, end)) {
    const { field, wire, fieldStart, valueStart, valueEnd } = cursor;
    if (field === numbers.name && change.name !== undefined) writeName();
    else if (field === numbers.type && change.type !== undefined) writeType();
    else if (field === numbers.blobs && wire === wireTypes.bytes) {
      const index = work.blobs++;
      const blobChange = change.blobs?.[index];
      const blob = layer.blobs[index];
      if (blobChange === undefined || blob === undefined) pieces.push(copy(fieldStart, valueEnd));
      else pieces.push(...wrap(field, blobPieces(work, blob, blobChange, valueStart, valueEnd)));
      cursor.position = valueEnd;
    } else if (change.dropFields?.includes(field) !== true) pieces.push(copy(fieldStart, valueEnd));
  }
  if (change.name !== undefined) writeName();
  if (change.type !== undefined) writeType();
  if (change.addFields !== undefined) once("added", () => change.addFields!);
  return pieces;
}

function typeField(work: LayerWork, format: LayerFormat): Uint8Array {
  const field = encodeType(format, work.change.type!);
  if (field === undefined) throw refused(work, `is in Caffe's old format ${format}, which has no type '${shownName(work.change.type!)}'`);
  return field;
}

const valueFields: readonly number[] = [
  blobFields.data, blobFields.diff, blobFields.doubleData, blobFields.doubleDiff,
  blobFields.rawData, blobFields.rawDiff, blobFields.rawDiffType,
];

function blobPieces(work: LayerWork, blob: BlobRef, change: BlobChange, start: number, end: number): Piece[] {
  const { cursor } = work;
  const { shape, transpose } = change;
  if (volume(shape) !== blob.count) {
    throw refused(work, `has ${count(blob.count)} values in a blob that is to become ${shapeText(shape)} (${count(volume(shape))})`);
  }
  if (transpose !== undefined && transpose.rows * transpose.columns !== blob.count) {
    throw refused(work, `has ${count(blob.count)} values in a blob that is to be transposed from ${transpose.rows} x ${transpose.columns}`);
  }
  const pieces: Piece[] = [{ kind: "bytes", bytes: encodeBytesField(blobFields.shape, encodeShape(shape)) }];
  cursor.position = start;
  while (nextField(cursor, end)) {
    const { field, wire, fieldStart, valueStart, valueEnd } = cursor;
    if (field <= blobFields.width && wire === wireTypes.varint) continue;
    if (field === blobFields.shape && wire === wireTypes.bytes) continue;
    if (transpose === undefined || !valueFields.includes(field)) pieces.push(copy(fieldStart, valueEnd));
    else if (valueStart === blob.runs[0]?.offset) {
      const turned: Piece = { kind: "transpose", blob, ...transpose };
      pieces.push({ kind: "bytes", bytes: encodeHeader(field, pieceSize(turned)) }, turned);
    }
  }
  return pieces;
}

function refused(work: LayerWork, what: string): Failure {
  return new Failure("bad-weights", `${what}.`, { file: work.file, place: `layer '${shownName(work.layer.name)}'` });
}

function wrap(field: number, body: readonly Piece[]): Piece[] {
  const length = body.reduce((sum, piece) => sum + pieceSize(piece), 0);
  return [{ kind: "bytes", bytes: encodeHeader(field, length) }, ...body];
}

function copy(start: number, end: number): Piece {
  return { kind: "copy", start, end };
}

/** The pieces without empty ones, neighbouring copies joined. */
function merged(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (pieceSize(piece) === 0) continue;
    if (piece.kind === "copy" && last?.kind === "copy" && last.end === piece.start) result[result.length - 1] = copy(last.start, piece.end);
    else result.push(piece);
  }
  return result;
}
