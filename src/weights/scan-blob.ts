import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { volume } from "../layers/shape.ts";
import { blobFields, shapeDimField } from "./layout.ts";
import type { BlobRef, Span, ValueRun, ValueType } from "./weights-file.ts";
import { valueSize } from "./weights-file.ts";
import type { WireCursor } from "./wire.ts";
import { nextField, readVarint, signedValue, wireTypes } from "./wire.ts";

/** A blob has at most this many axes (Caffe's kMaxBlobAxes). */
const maxAxes = 32;
/** Values may be split into this many runs per blob; protobuf allows any number, every writer makes one. */
const maxRuns = 10_000;

/** NVIDIA's `Type` enumeration, as far as blobs use it. */
const rawTypes: Readonly<Record<number, ValueType>> = { 0: "float64", 1: "float32", 2: "float16" };

interface Runs {
  readonly list: { offset: number; count: number; stride: number }[];
  readonly size: number;
  total: number;
}

/**
 * The blob (a BlobProto) that lies at `[start, end)`; `where` names it in messages: `layer 'conv1'`.
 *
 * Which of several kinds of values counts is decided as in Caffe: double_data, then data, then NVIDIA's raw_data (blob.cpp, FromProto).
 * Throws a {@link Failure} for bytes that are no BlobProto; shape and number of values are not compared.
 */
export function scanBlob(cursor: WireCursor, start: number, end: number, span: Span, file: string, where: string): BlobRef {
  const legacy = [0, 0, 0, 0];
  let isLegacy = false;
  const shape: number[] = [];
  const floats: Runs = { list: [], size: 4, total: 0 };
  const doubles: Runs = { list: [], size: 8, total: 0 };
  let raw: Span | undefined;
  let rawType: number | undefined;

  const damaged = (what: string): Failure =>
    new Failure("bad-file", `damaged in ${where} (byte ${count(cursor.fieldStart)} of ${count(cursor.source.size)}): ${what}.`, { file });

  cursor.position = start;
  while (nextField(cursor, end)) {
    const { field, wire, valueStart, valueEnd } = cursor;
    if (field <= blobFields.width && wire === wireTypes.varint) {
      isLegacy = true;
      legacy[field - 1] = cursor.low | 0;
    } else if (field === blobFields.shape && wire === wireTypes.bytes) {
      scanShape(cursor, shape);
      if (shape.length > maxAxes) throw damaged(`a blob has more than ${maxAxes} axes`);
    } else if (field === blobFields.data || field === blobFields.doubleData) {
      const runs = field === blobFields.data ? floats : doubles;
      const single = field === blobFields.data ? wireTypes.fixed32 : wireTypes.fixed64;
      if (wire !== single && wire !== wireTypes.bytes) continue;
      const length = valueEnd - valueStart;
      if (length % runs.size !== 0) throw damaged(`${count(length)} bytes are not a whole number of ${runs.size}-byte values`);
      addRun(runs, valueStart, length / runs.size);
      if (runs.list.length > maxRuns) throw damaged(`a blob's values lie in more than ${count(maxRuns)} pieces`);
    } else if (field === blobFields.rawDataType && wire === wireTypes.varint) {
      rawType = cursor.low | 0;
    } else if (field === blobFields.rawData && wire === wireTypes.bytes) {
      raw = { start: valueStart, end: valueEnd };
    }
  }
  if (cursor.fault !== undefined) throw damaged(cursor.fault);

  const declared = isLegacy ? legacy : shape;
  const common = { shape: declared, legacy: isLegacy, span };
  if (doubles.total > 0) return { ...common, count: doubles.total, type: "float64", runs: doubles.list };
  if (floats.total > 0 || raw === undefined || raw.end === raw.start) {
    return { ...common, count: floats.total, type: "float32", runs: floats.list };
  }
  const bytes = raw.end - raw.start;
  const type = rawType === undefined ? typeBySize(bytes, volume(declared)) : rawTypes[rawType];
  if (type === undefined) throw damaged(`raw_data of type ${rawType ?? "unknown"} cannot be read`);
  if (bytes % valueSize[type] !== 0) throw damaged(`${count(bytes)} bytes are not a whole number of ${type} values`);
  const run: ValueRun = { offset: raw.start, count: bytes / valueSize[type], stride: valueSize[type] };
  return { ...common, count: run.count, type, runs: [run] };
}

/** Appends the dimensions of the BlobShape read last. A fault stays in the cursor. */
function scanShape(cursor: WireCursor, shape: number[]): void {
  const end = cursor.valueEnd;
  cursor.position = cursor.valueStart;
  while (nextField(cursor, end) && shape.length <= maxAxes) {
    if (cursor.field !== shapeDimField) continue;
    if (cursor.wire === wireTypes.varint) shape.push(signedValue(cursor));
    else if (cursor.wire === wireTypes.bytes) {
      const packedEnd = cursor.valueEnd;
      cursor.position = cursor.valueStart;
      while (cursor.position < packedEnd && shape.length <= maxAxes && readVarint(cursor, packedEnd)) shape.push(signedValue(cursor));
    }
  }
}

/** Adds a packed run, or joins a single value to single values at the same distance before it. */
function addRun(runs: Runs, offset: number, values: number): void {
  if (values === 0) return;
  runs.total += values;
  const last = runs.list.at(-1);
  if (values === 1 && last !== undefined) {
    if (last.count === 1) last.stride = offset - last.offset;
    if (offset === last.offset + last.count * last.stride) {
      last.count++;
      return;
    }
  }
  runs.list.push({ offset, count: values, stride: runs.size });
}

/** The type of raw bytes without a type: the one whose size makes them fit the shape. */
function typeBySize(bytes: number, values: number): ValueType | undefined {
  return (["float16", "float32", "float64"] as const).find((type) => bytes === values * valueSize[type]);
}
