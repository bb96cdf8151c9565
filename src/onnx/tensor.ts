import { Failure } from "../text/failure.ts";
import { count } from "../text/words.ts";
import { fields } from "./fields.ts";
import { elementCount, elementTypeOf, elementTypes } from "./model.ts";
import type { ElementType, OnnxTensor, TensorData } from "./model.ts";
import { doublesOf, entries, floatsOf, integerOf, integersOf, payloadOf, textOf } from "./wire.ts";
import type { Entry } from "./wire.ts";

/** Gives bytes `[offset, offset + length)` of a file beside the model, where large models keep their weights. */
export type ExternalData = (location: string, offset: number, length: number) => Uint8Array;

/** A tensor of an ONNX file, from any of the places the format keeps elements in. Elements that do not fit the shape are a Failure. */
export function readTensor(content: Uint8Array, external: ExternalData | undefined): OnnxTensor {
  const f = fields.tensor;
  const stored: Entry[] = [];
  const shape: number[] = [];
  const outside: Record<string, string> = {};
  let name = "";
  let code = 0;
  let elsewhere = false;
  for (const entry of entries(content)) {
    if (entry.field === f.dims) shape.push(...integersOf(entry).map(Number));
    else if (entry.field === f.dataType) code = integerOf(entry);
    else if (entry.field === f.name) name = textOf(entry);
    else if (entry.field === f.dataLocation) elsewhere = integerOf(entry) === 1;
    else if (entry.field === f.externalData) Object.assign(outside, readEntry(payloadOf(entry)));
    else if (entry.field === f.segment) refuse(name, "is stored in segments, which Net Surgeon does not read");
    else stored.push(entry);
  }
  const type = elementTypeOf(code);
  if (type === undefined) return refuse(name, `has elements of type ${code}, which Net Surgeon does not read`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return refuse(name, `has the impossible shape ${words(shape)}`);
  const elements = elementCount(shape);
  const data = elsewhere ? readOutside(name, type, elements, outside, external) : readInside(type, stored);
  if (data.length !== elements) {
    return refuse(name, `holds ${count(data.length)} elements, its shape ${words(shape)} asks for ${count(elements)}`);
  }
  return { name, type, shape, data };
}

function readEntry(content: Uint8Array): Record<string, string> {
  let key = "";
  let value = "";
  for (const entry of entries(content)) {
    if (entry.field === fields.entry.key) key = textOf(entry);
    else if (entry.field === fields.entry.value) value = textOf(entry);
  }
  return Object.fromEntries([[key, value]]);
}

function readInside(type: ElementType, stored: readonly Entry[]): TensorData {
  const f = fields.tensor;
  const raw = stored.findLast((entry) => entry.field === f.rawData);
  if (raw !== undefined) return fromBytes(type, payloadOf(raw));
  const of = (field: number): Entry[] => stored.filter((entry) => entry.field === field);
  switch (type) {
    case "float32":
      return joined(of(f.floatData).map(floatsOf), (n) => new Float32Array(n));
    case "float64":
      return joined(of(f.doubleData).map(doublesOf), (n) => new Float64Array(n));
    case "int64":
      return BigInt64Array.from(of(f.int64Data).flatMap(integersOf));
    case "uint64":
      return BigUint64Array.from(of(f.uint64Data).flatMap(integersOf));
    case "uint32":
      return Uint32Array.from(of(f.uint64Data).flatMap(integersOf), Number);
    default:
      return elementTypes[type].array.from(of(f.int32Data).flatMap(integersOf).map(Number));
  }
}

function readOutside(
  name: string, type: ElementType, elements: number, outside: Record<string, string>, external: ExternalData | undefined,
): TensorData {
  const { location = "", offset = "0", length } = outside;
  const size = elements * elementTypes[type].array.BYTES_PER_ELEMENT;
  if (external === undefined) return refuse(name, `is kept in another file, '${location}', which cannot be reached from here`);
  if (length !== undefined && Number(length) !== size) return refuse(name, `takes ${count(size)} bytes, but the model says ${length}`);
  return fromBytes(type, external(location, Number(offset), size));
}

/** The elements whose memory these bytes are; a copy, because bytes of a message lie at any address. */
function fromBytes(type: ElementType, bytes: Uint8Array): TensorData {
  const { array } = elementTypes[type];
  const whole = bytes.byteLength - (bytes.byteLength % array.BYTES_PER_ELEMENT);
  const copy = new Uint8Array(whole);
  copy.set(bytes.subarray(0, whole));
  return new array(copy.buffer);
}

function joined<T extends Float32Array | Float64Array>(parts: readonly T[], create: (length: number) => T): T {
  const all = create(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function words(shape: readonly number[]): string {
  return shape.length === 0 ? "of a scalar" : shape.map(count).join(" x ");
}

function refuse(name: string, what: string): never {
  throw new Failure("bad-file", `'${name}' ${what}`);
}
