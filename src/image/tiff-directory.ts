import { count } from "../text/words.ts";
import { damaged } from "./checks.ts";
import type { PictureFile } from "./picture-file.ts";

/** A TIFF file: its bytes, and how to read numbers from them. Source: TIFF 6.0 (Adobe, 1992); BigTIFF (Aware Systems). */
export interface TiffFile {
  readonly file: PictureFile;
  readonly little: boolean;
  /** BigTIFF: 64-bit offsets and counts. */
  readonly big: boolean;
  /** Where the first directory is. */
  readonly first: number;
}

/** What a TIFF says of one of its pictures: fields by tag, values still in the file. */
export interface TiffDirectory {
  readonly fields: ReadonlyMap<number, Field>;
  /** Where the next picture's directory is, 0 for none. */
  readonly next: number;
}

interface Field {
  readonly type: number;
  readonly count: number;
  /** Where in the file the value is. */
  readonly offset: number;
}

/** The header of an open TIFF file. Throws a `bad-file` Failure, as everything here does. */
export async function readTiffHeader(file: PictureFile): Promise<TiffFile> {
  const bytes = await file.read(0, Math.min(file.size, 16));
  const view = viewOf(bytes);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  if (bytes.length < (big ? 16 : 8)) throw damaged(file.path, "truncated: the file ends inside its header");
  if (big && view.getUint32(4, little) !== (little ? 8 : 8 << 16)) throw damaged(file.path, "a BigTIFF with a wrong header");
  const tiff = { file, little, big, first: 0 };
  return { ...tiff, first: big ? readUint64(tiff, view, 8) : view.getUint32(4, little) };
}

/** A directory of more fields than this is no directory. */
const MAX_FIELDS = 4096;

/** The directory at an offset of the file. */
export async function readDirectory(tiff: TiffFile, offset: number): Promise<TiffDirectory> {
  const { file, little, big } = tiff;
  const [countSize, entrySize, offsetSize] = big ? [8, 20, 8] : [2, 12, 4];
  const head = viewOf(await file.read(offset, countSize));
  const entries = big ? readUint64(tiff, head, 0) : head.getUint16(0, little);
  if (offset < 8 || entries === 0 || entries > MAX_FIELDS)
    throw damaged(file.path, "no TIFF directory is where it should be", { at: offset });
  const view = viewOf(await file.read(offset + countSize, entries * entrySize + offsetSize));
  const fields = new Map<number, Field>();
  for (let i = 0, at = 0; i < entries; i++, at += entrySize) {
    const type = view.getUint16(at + 2, little);
    const values = big ? readUint64(tiff, view, at + 4) : view.getUint32(at + 4, little);
    const valueAt = at + 4 + offsetSize;
    const inline = values * (typeSizes[type] ?? 1) <= offsetSize;
    const outside = big ? readUint64(tiff, view, valueAt, inline) : view.getUint32(valueAt, little);
    fields.set(view.getUint16(at, little), { type, count: values, offset: inline ? offset + countSize + valueAt : outside });
  }
  const end = entries * entrySize;
  return { fields, next: big ? readUint64(tiff, view, end) : view.getUint32(end, little) };
}

/** A field that is no list of blocks has at most so many values: a palette of 16 bits. */
const MAX_VALUES = 3 * 65_536;

/** The values of a field as numbers, at most `limit` of them, fractions divided out; undefined where the field is missing. */
export async function readNumbers(
  tiff: TiffFile,
  directory: TiffDirectory,
  tag: number,
  limit = MAX_VALUES,
): Promise<Float64Array | undefined> {
  const field = directory.fields.get(tag);
  if (field === undefined) return undefined;
  const size = typeSizes[field.type];
  if (size === undefined) throw damaged(tiff.file.path, `its field ${tag} has a type no TIFF has`);
  const length = Math.min(field.count, limit);
  const view = viewOf(await tiff.file.read(field.offset, length * size));
  return Float64Array.from({ length }, (_, i) => readNumber(tiff, view, i * size, field.type));
}

/** The first value of a field, or `otherwise` where it is missing. */
export async function readNumber1(tiff: TiffFile, directory: TiffDirectory, tag: number, otherwise: number): Promise<number> {
  return (await readNumbers(tiff, directory, tag))?.[0] ?? otherwise;
}

/** The bytes of a field, at most `limit` of them; undefined where it is missing. */
export async function readFieldBytes(
  tiff: TiffFile,
  directory: TiffDirectory,
  tag: number,
  limit: number,
): Promise<Uint8Array | undefined> {
  const field = directory.fields.get(tag);
  return field === undefined ? undefined : await tiff.file.read(field.offset, Math.min(field.count * (typeSizes[field.type] ?? 1), limit));
}

/** Bytes a value, by TIFF type number. */
const typeSizes: Readonly<Record<number, number>> = {
  1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8,
};

function readNumber(tiff: TiffFile, view: DataView, at: number, type: number): number {
  const { little } = tiff;
  switch (type) {
    case 3:
      return view.getUint16(at, little);
    case 4:
    case 13:
      return view.getUint32(at, little);
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little);
    case 6:
      return view.getInt8(at);
    case 8:
      return view.getInt16(at, little);
    case 9:
      return view.getInt32(at, little);
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little);
    case 11:
      return view.getFloat32(at, little);
    case 12:
      return view.getFloat64(at, little);
    case 16:
    case 18:
      return readUint64(tiff, view, at);
    case 17:
      return Number(view.getBigInt64(at, little));
    default:
      return view.getUint8(at);
  }
}

function readUint64(tiff: Pick<TiffFile, "file" | "little">, view: DataView, at: number, anyValue = false): number {
  const value = Number(view.getBigUint64(at, tiff.little));
  if (value > Number.MAX_SAFE_INTEGER && !anyValue) throw damaged(tiff.file.path, `refers to byte ${count(value)}`);
  return value;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
