import { limit } from "../text/limits.ts";

/** Bytes that can be read anywhere: a file, or a buffer in memory. */
export interface ByteSource {
  readonly size: number;
  /** Fills `target` from `position` on; the number of bytes read is smaller than asked only at the end. */
  read(target: Uint8Array, position: number): number;
}

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

const bufferSize = 1 << 16;

/**
 * A place in a protobuf message that lies in a {@link ByteSource}, and the last field read there.
 *
 * Only a window of 64 KB is in memory: values of length-delimited fields are stepped over, never loaded.
 * A cursor does not throw on malformed bytes; {@link nextField} returns false and `fault` says why.
 */
export interface WireCursor {
  readonly source: ByteSource;
  position: number;
  /** The field read last: its number and wire type, where its tag starts, where its value starts and ends. */
  field: number;
  wire: number;
  fieldStart: number;
  valueStart: number;
  valueEnd: number;
  /** The value of a varint field, in two unsigned halves of 32 bits. */
  low: number;
  high: number;
  /** What is wrong with the bytes at `fieldStart`, or undefined. */
  fault: string | undefined;
  /** True where the fault is a field that ends beyond the message around it. */
  overrun: boolean;
  readonly window: Uint8Array;
  windowStart: number;
  windowEnd: number;
}

/** A cursor at a position of the source. */
export function openCursor(source: ByteSource, position = 0): WireCursor {
  return {
    source, position, field: 0, wire: 0, fieldStart: position, valueStart: position, valueEnd: position,
    low: 0, high: 0, fault: undefined, overrun: false,
    window: new Uint8Array(Math.min(bufferSize, source.size)), windowStart: 0, windowEnd: 0,
  };
}

/** Bytes in memory as a {@link ByteSource}. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(target, position) {
      const part = bytes.subarray(position, position + target.length);
      target.set(part);
      return part.length;
    },
  };
}

/**
 * Reads the next field of the message that ends at `end` and steps over its value; false at the end and on a fault.
 *
 * To read a nested message, set `position` to the field's `valueStart` and read up to its `valueEnd`;
 * keep both in variables, as nested reads overwrite them.
 */
export function nextField(cursor: WireCursor, end: number): boolean {
  if (cursor.fault !== undefined || cursor.position >= end) return false;
  cursor.fieldStart = cursor.position;
  if (!readTag(cursor, end)) return false;
  if (cursor.wire === wireTypes.endGroup) return fail(cursor, "a group ends that never began");
  if (cursor.wire === wireTypes.startGroup) {
    cursor.valueStart = cursor.position;
    return skipGroup(cursor, end);
  }
  return stepOver(cursor, end);
}

/** The last varint as a signed 64-bit number; exact up to 2^53. */
export function signedValue(cursor: WireCursor): number {
  return (cursor.high | 0) * 0x1_0000_0000 + cursor.low;
}

/** Reads one varint that must end before `end` into `low` and `high`. */
export function readVarint(cursor: WireCursor, end: number): boolean {
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (cursor.position >= end) return fail(cursor, "a number is cut off", true);
    if (cursor.position < cursor.windowStart || cursor.position >= cursor.windowEnd) {
      if (!refill(cursor)) return fail(cursor, "the file ends here", true);
    }
    const byte = cursor.window[cursor.position - cursor.windowStart]!;
    cursor.position++;
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << (shift - 32);
    if (byte < 0x80) {
      cursor.low = low >>> 0;
      cursor.high = high >>> 0;
      return true;
    }
  }
  return fail(cursor, "a number is longer than 10 bytes");
}

/** Up to `limit` bytes of the field read last. */
export function valueBytes(cursor: WireCursor, limit: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(limit, cursor.valueEnd - cursor.valueStart));
  return bytes.subarray(0, cursor.source.read(bytes, cursor.valueStart));
}

function readTag(cursor: WireCursor, end: number): boolean {
  if (!readVarint(cursor, end)) return false;
  if (cursor.high !== 0 || cursor.low < 8) return fail(cursor, "no field can have this number");
  cursor.field = cursor.low >>> 3;
  cursor.wire = cursor.low & 7;
  return true;
}

function stepOver(cursor: WireCursor, end: number): boolean {
  cursor.valueStart = cursor.position;
  let length: number;
  switch (cursor.wire) {
    case wireTypes.varint:
      if (!readVarint(cursor, end)) return false;
      cursor.valueEnd = cursor.position;
      return true;
    case wireTypes.fixed64:
      length = 8;
      break;
    case wireTypes.fixed32:
      length = 4;
      break;
    case wireTypes.bytes:
      if (!readVarint(cursor, end)) return false;
      cursor.valueStart = cursor.position;
      length = cursor.high * 0x1_0000_0000 + cursor.low;
      break;
    default:
      return fail(cursor, `no field can have the wire type ${cursor.wire}`);
  }
  cursor.valueEnd = cursor.valueStart + length;
  if (cursor.valueEnd > end) return fail(cursor, "a field is longer than what is left", true);
  cursor.position = cursor.valueEnd;
  return true;
}

function skipGroup(cursor: WireCursor, end: number): boolean {
  const { field, wire, valueStart } = cursor;
  const open = [field];
  while (open.length > 0) {
    if (cursor.position >= end) return fail(cursor, "a group does not end", true);
    if (!readTag(cursor, end)) return false;
    if (cursor.wire === wireTypes.startGroup) {
      const most = limit("modelNesting");
      if (open.length >= most) return fail(cursor, `groups are nested more than ${most} deep, the limit modelNesting`);
      open.push(cursor.field);
    } else if (cursor.wire === wireTypes.endGroup) {
      if (open.pop() !== cursor.field) return fail(cursor, "a group ends that never began");
    } else if (!stepOver(cursor, end)) return false;
  }
  cursor.field = field;
  cursor.wire = wire;
  cursor.valueStart = valueStart;
  cursor.valueEnd = cursor.position;
  return true;
}

function refill(cursor: WireCursor): boolean {
  cursor.windowStart = cursor.position;
  cursor.windowEnd = cursor.position + cursor.source.read(cursor.window, cursor.position);
  return cursor.windowEnd > cursor.windowStart;
}

function fail(cursor: WireCursor, fault: string, overrun = false): false {
  cursor.fault = fault;
  cursor.overrun = overrun;
  return false;
}

/** A non-negative integer up to 2^53 as a varint. */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/** Tag and value of a varint field. */
export function encodeVarintField(field: number, value: number): Uint8Array {
  return joinBytes([encodeVarint(field * 8 + wireTypes.varint), encodeVarint(value)]);
}

/** Tag and length of a length-delimited field whose `length` bytes follow. */
export function encodeHeader(field: number, length: number): Uint8Array {
  return joinBytes([encodeVarint(field * 8 + wireTypes.bytes), encodeVarint(length)]);
}

/** A whole length-delimited field; text is written as UTF-8. */
export function encodeBytesField(field: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return joinBytes([encodeHeader(field, bytes.length), bytes]);
}

/** The parts one after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
