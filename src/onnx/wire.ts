import protobuf from "protobufjs/minimal.js";

/** One field of a protobuf message: a number that is small or whole, or a piece of the message. */
export interface Entry {
  readonly field: number;
  readonly wireType: number;
  /** Wire type 0: the number, as 64 signed bits. */
  readonly varint: bigint;
  /** Wire types 1, 2 and 5: the bytes, a view of the message. */
  readonly payload: Uint8Array;
}

/** What is wrong with the bytes, and at which of them, counted from the start of the buffer they are a view of. */
export class Damage extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = "Damage";
    this.position = position;
  }
}

const nothing = new Uint8Array();
const decoder = new TextDecoder();

/** The fields of a message in their order, unread ones included; bytes that are none are a {@link Damage}. */
export function* entries(message: Uint8Array): Generator<Entry> {
  const reader = new protobuf.Reader(message);
  while (reader.pos < reader.len) yield within(message, reader.pos, () => next(reader));
}

function next(reader: protobuf.Reader): Entry {
  const tag = reader.tag();
  const field = tag >>> 3;
  const wireType = tag & 7;
  if (field === 0) throw new RangeError("field number 0");
  if (wireType === 0) return { field, wireType, varint: int64(reader), payload: nothing };
  if (wireType === 2) return { field, wireType, varint: 0n, payload: reader.bytes() };
  const start = reader.pos;
  reader.skipType(wireType, 0, field);
  if (reader.pos > reader.len) throw new RangeError("past the end");
  return { field, wireType, varint: 0n, payload: reader.raw(start, reader.pos) };
}

/** The bytes of a string, message or packed field. */
export function payloadOf(entry: Entry): Uint8Array {
  if (entry.wireType !== 2) throw mismatch(entry);
  return entry.payload;
}

export function textOf(entry: Entry): string {
  return decoder.decode(payloadOf(entry));
}

/** A whole number; those beyond 2^53 lose their last bits. */
export function integerOf(entry: Entry): number {
  if (entry.wireType !== 0) throw mismatch(entry);
  return Number(entry.varint);
}

/** The whole numbers of one entry of a repeated field, packed or not. */
export function integersOf(entry: Entry): bigint[] {
  if (entry.wireType === 0) return [entry.varint];
  const content = payloadOf(entry);
  const reader = new protobuf.Reader(content);
  const values: bigint[] = [];
  while (reader.pos < reader.len) values.push(within(content, reader.pos, () => int64(reader)));
  return values;
}

/** The floats of one entry of a repeated field, packed or not. */
export function floatsOf(entry: Entry): Float32Array {
  if (entry.wireType !== 2 && entry.wireType !== 5) throw mismatch(entry);
  if (entry.payload.byteLength % 4 !== 0) throw new Damage("a list of floats ends within one", entry.payload.byteOffset);
  return new Float32Array(new Uint8Array(entry.payload).buffer);
}

/** The doubles of one entry of a repeated field, packed or not. */
export function doublesOf(entry: Entry): Float64Array {
  if (entry.wireType !== 2 && entry.wireType !== 1) throw mismatch(entry);
  if (entry.payload.byteLength % 8 !== 0) throw new Damage("a list of doubles ends within one", entry.payload.byteOffset);
  return new Float64Array(new Uint8Array(entry.payload).buffer);
}

function int64(reader: protobuf.Reader): bigint {
  const value = reader.int64() as { low: number; high: number } | number;
  return typeof value === "number" ? BigInt(value) : (BigInt(value.high) << 32n) | BigInt(value.low >>> 0);
}

function mismatch(entry: Entry): Damage {
  return new Damage(`field ${entry.field} is of another kind than in an ONNX model`, entry.payload.byteOffset);
}

/** What the step gives; where it runs past the end of the message, the damage with its place in the file. */
function within<T>(message: Uint8Array, position: number, step: () => T): T {
  try {
    return step();
  } catch (error) {
    const reason = error instanceof RangeError ? "is truncated, or not an ONNX model" : "is damaged, or not an ONNX model";
    throw new Damage(reason, message.byteOffset + position);
  }
}
