import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { Failure, fileFailure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { refuseForeign } from "./foreign.ts";
import { blobFields, layerFields, netFields, shapeDimField, typeOfV0, typeOfV1, v0LayerInV1, type LayerFormat } from "./layout.ts";
import { nextField, openCursor, readVarint, signedValue, valueBytes, wireTypes, type ByteSource, type WireCursor } from "./wire.ts";

/** A part of a file, in bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** How the values of a blob are stored. */
export type ValueType = "float32" | "float64" | "float16";

/** A learned blob in a model: its shape, and where its values lie. They are not in memory. */
export interface BlobRef {
  /** As the file says it; `[num, channels, height, width]` for a legacy blob. */
  readonly shape: readonly number[];
  /** True where the file gives num, channels, height and width in place of a shape. */
  readonly legacy: boolean;
  readonly type: ValueType;
  /** How many values are stored. */
  readonly count: number;
  /** Where they are: usually one run. */
  readonly runs: readonly Span[];
  /** The whole field, tag included. */
  readonly field: Span;
  /** The bytes of the BlobProto. */
  readonly body: Span;
  /** The fields of the BlobProto that say its shape, tags included. */
  readonly shapeFields: readonly Span[];
  /** The fields that hold its values, tags included. */
  readonly valueFields: readonly Span[];
}

/** A layer in a model. */
export interface WeightsLayer {
  readonly name: string;
  /** V2's name of its type. */
  readonly type: string;
  readonly format: LayerFormat;
  readonly blobs: readonly BlobRef[];
  /** The whole field in the net, tag included. */
  readonly field: Span;
  /** The bytes of the layer; for V0 those of the layer inside. */
  readonly body: Span;
  /** The bytes of the layer around it, for V0; else the same as `body`. */
  readonly outer: Span;
  /** For V0, the field in `outer` that holds `body`, tag included. */
  readonly inner: Span | undefined;
  /** Fields of `body` other than blobs, tags included. */
  readonly fields: readonly (Span & { readonly number: number })[];
}

/** A .caffemodel whose structure is known; values are read when they are asked for. */
export interface WeightsFile {
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  readonly netName: string;
  readonly format: LayerFormat | "mixed" | "empty";
  readonly layers: readonly WeightsLayer[];
}

/** Most layers and blobs that a model may have; real ones have thousands at most. */
export const MAX_LAYERS = 100_000;
export const MAX_BLOBS = 1_000_000;

/**
 * The structure of a .caffemodel. Memory does not grow with the file: values are stepped over.
 *
 * Throws a {@link Failure}: `cannot-read`, or `bad-file` with the place where the file breaks off or stops making sense.
 */
export async function openWeights(path: string): Promise<WeightsFile> {
  return Promise.resolve(withFile(path, (source) => {
    refuseForeign(path, source);
    return readNet(path, source);
  }));
}

/** The layer whose blobs Caffe copies for a name: the first one. */
export function layerNamed(file: WeightsFile, name: string): WeightsLayer | undefined {
  return file.layers.find((layer) => layer.name === name);
}

/** Runs `use` on an open file and closes it. */
export function withFile<T>(path: string, use: (source: ByteSource) => T): T {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (cause) {
    throw fileFailure("cannot-read", path, cause);
  }
  try {
    const status = fstatSync(handle);
    if (status.isDirectory()) throw new Failure("cannot-read", "is a folder, not a file", { file: path });
    return use({ size: status.size, read: (target, position) => readSync(handle, target, 0, target.length, position) });
  } catch (cause) {
    throw cause instanceof Failure ? cause : (cause as NodeJS.ErrnoException).code === undefined ? cause : fileFailure("cannot-read", path, cause);
  } finally {
    closeSync(handle);
  }
}

function readNet(path: string, source: ByteSource): WeightsFile {
  const cursor = openCursor(source);
  const layers: WeightsLayer[] = [];
  const budget = { blobs: MAX_BLOBS };
  let netName = "";
  let known = 0;
  const broken = (): Failure => brokenFile(path, source, cursor, layers.at(-1)?.name);
  while (nextField(cursor, source.size)) {
    const { field, wire } = cursor;
    if (field === netFields.name && wire === wireTypes.bytes) netName = text(cursor);
    if (wire === wireTypes.bytes && (field === netFields.layersV1 || field === netFields.layersV2)) {
      const layer = readLayer(cursor, field === netFields.layersV2 ? "V2" : "V1", budget);
      if (layer === undefined) throw broken();
      layers.push(layer);
      if (layers.length > MAX_LAYERS || budget.blobs < 0) throw new Failure("bad-file", `has more than ${count(MAX_LAYERS)} layers or ${count(MAX_BLOBS)} blobs`, { file: path, advice: "It is no Caffe model." });
    }
    if (field <= 8 || field === netFields.layersV2) known++;
  }
  if (cursor.fault !== undefined) throw broken();
  if (known === 0) throw new Failure("bad-file", "is not a Caffe model", { file: path });
  const formats = new Set(layers.map((layer) => layer.format));
  return { path, bytes: source.size, netName, format: formats.size === 0 ? "empty" : formats.size > 1 ? "mixed" : [...formats][0]!, layers };
}

/** The failure for bytes that do not make sense, with the last layer that did. */
export function brokenFile(path: string, source: ByteSource, cursor: WireCursor, lastLayer: string | undefined): Failure {
  const after = lastLayer === undefined ? "" : ` after layer '${lastLayer}'`;
  const at = `(byte ${count(cursor.fieldStart)} of ${count(source.size)})`;
  if (lastLayer === undefined && !cursor.overrun) return new Failure("bad-file", `is not a Caffe model: ${cursor.fault ?? ""} ${at}`, { file: path });
  return cursor.overrun
    ? new Failure("bad-file", `truncated${after} ${at}`, { file: path, advice: "Copy or download it again." })
    : new Failure("bad-file", `damaged${after}: ${cursor.fault ?? ""} ${at}`, { file: path, advice: "Copy or download it again." });
}

function readLayer(cursor: WireCursor, outerFormat: "V1" | "V2", budget: { blobs: number }): WeightsLayer | undefined {
  const field = { start: cursor.fieldStart, end: cursor.valueEnd };
  const outer = { start: cursor.valueStart, end: cursor.valueEnd };
  const inner = outerFormat === "V1" ? v0Inside(cursor, outer) : undefined;
  if (cursor.fault !== undefined) return undefined;
  const format = inner === undefined ? outerFormat : "V0";
  const body = inner?.body ?? outer;
  const numbers = layerFields[format];
  const blobs: BlobRef[] = [];
  const fields: (Span & { number: number })[] = [];
  let name = "";
  let type = "";
  cursor.position = body.start;
  while (nextField(cursor, body.end)) {
    const { field: number, wire, fieldStart, valueEnd } = cursor;
    if (number === numbers.blobs && wire === wireTypes.bytes) {
      const blob = readBlobRef(cursor);
      if (blob === undefined || --budget.blobs < 0) return undefined;
      blobs.push(blob);
      continue;
    }
    fields.push({ start: fieldStart, end: valueEnd, number });
    if (number === numbers.name && wire === wireTypes.bytes) name = text(cursor);
    if (number === numbers.type) type = wire === wireTypes.varint ? typeOfV1(cursor.low) : format === "V0" ? typeOfV0(text(cursor)) : text(cursor);
  }
  if (cursor.fault !== undefined) return undefined;
  cursor.position = outer.end;
  return { name, type, format, blobs, field, body, outer, inner: inner?.field, fields };
}

/** Where a V0 layer lies inside a V1 one. */
function v0Inside(cursor: WireCursor, outer: Span): { field: Span; body: Span } | undefined {
  let found: { field: Span; body: Span } | undefined;
  cursor.position = outer.start;
  while (nextField(cursor, outer.end)) {
    if (cursor.field === v0LayerInV1 && cursor.wire === wireTypes.bytes) {
      found = { field: { start: cursor.fieldStart, end: cursor.valueEnd }, body: { start: cursor.valueStart, end: cursor.valueEnd } };
    }
  }
  return found;
}

/** Reads the BlobProto that the cursor stands behind; undefined (with a fault) where it makes no sense. */
export function readBlobRef(cursor: WireCursor): BlobRef | undefined {
  const field = { start: cursor.fieldStart, end: cursor.valueEnd };
  const body = { start: cursor.valueStart, end: cursor.valueEnd };
  const legacyShape = [0, 0, 0, 0];
  const shapeFields: Span[] = [];
  const values = { float32: emptyRuns(), float64: emptyRuns() };
  const raw = emptyRuns();
  let rawType: ValueType | undefined;
  let shape: number[] | undefined;
  let legacy = false;
  cursor.position = body.start;
  while (nextField(cursor, body.end)) {
    const { field: number, wire, fieldStart, valueEnd } = cursor;
    const span = { start: fieldStart, end: valueEnd };
    if (number >= blobFields.num && number <= blobFields.width && wire === wireTypes.varint) {
      legacyShape[number - 1] = signedValue(cursor);
      legacy = true;
      shapeFields.push(span);
    } else if (number === blobFields.shape && wire === wireTypes.bytes) {
      shape = readDims(cursor, shape ?? []);
      if (shape === undefined) return undefined;
      shapeFields.push(span);
    } else if (number === blobFields.data) addRun(values.float32, cursor, wireTypes.fixed32, span);
    else if (number === blobFields.doubleData) addRun(values.float64, cursor, wireTypes.fixed64, span);
    else if (number === blobFields.rawDataType && wire === wireTypes.varint) rawType = rawTypes[cursor.low];
    else if (number === blobFields.rawData && wire === wireTypes.bytes) addRun(raw, cursor, wire, span);
  }
  if (cursor.fault !== undefined) return undefined;
  const isRaw = raw.size > 0 && rawType !== undefined;
  const type = isRaw ? rawType! : values.float64.size > 0 ? "float64" : "float32";
  const { runs, fields, size } = isRaw ? raw : values[type === "float64" ? "float64" : "float32"];
  const each = { float32: 4, float64: 8, float16: 2 }[type];
  return { shape: shape ?? (legacy ? legacyShape : []), legacy: shape === undefined && legacy, type, count: Math.floor(size / each), runs, field, body, shapeFields, valueFields: fields };
}

/** NVIDIA's `raw_data_type`, by number; whole numbers are not used for weights. */
const rawTypes: readonly (ValueType | undefined)[] = ["float64", "float32", "float16"];

interface Runs {
  readonly runs: Span[];
  readonly fields: Span[];
  size: number;
}

function emptyRuns(): Runs {
  return { runs: [], fields: [], size: 0 };
}

function addRun(into: Runs, cursor: WireCursor, fixed: number, span: Span): void {
  if (cursor.wire !== wireTypes.bytes && cursor.wire !== fixed) return;
  const run = { start: cursor.valueStart, end: cursor.valueEnd };
  into.runs.push(run);
  into.fields.push(span);
  into.size += run.end - run.start;
}

/** The dimensions of a BlobShape, packed or not, appended to those known. Blobs have at most 32 axes. */
function readDims(cursor: WireCursor, before: readonly number[]): number[] | undefined {
  const dims = [...before];
  const end = cursor.valueEnd;
  cursor.position = cursor.valueStart;
  while (nextField(cursor, end)) {
    if (cursor.field !== shapeDimField) continue;
    if (cursor.wire === wireTypes.varint) dims.push(signedValue(cursor));
    else if (cursor.wire === wireTypes.bytes) {
      const inner = cursor.valueEnd;
      cursor.position = cursor.valueStart;
      while (cursor.position < inner && readVarint(cursor, inner)) {
        dims.push(signedValue(cursor));
        if (dims.length > 32) break;
      }
    }
    if (dims.length > 32 || cursor.fault !== undefined) {
      cursor.fault ??= "a blob has more than 32 axes";
      return undefined;
    }
  }
  cursor.position = end;
  return cursor.fault === undefined ? dims : undefined;
}

function text(cursor: WireCursor): string {
  return Buffer.from(valueBytes(cursor, 4096)).toString("utf8");
}
