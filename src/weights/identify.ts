import { shownName } from "./shown-name.ts";
import type { ByteSource } from "./wire.ts";
import { nextField, openCursor, valueBytes, wireTypes } from "./wire.ts";

/** What a file is that is not what was asked for, and what to do about it. */
export interface Foreign {
  /** After the file's name: `is an HDF5 file, not a caffemodel`. */
  readonly what: string;
  readonly advice?: string;
}

/** What was asked for. */
export type Expected = "caffemodel" | "mean image";

const magics: readonly { readonly bytes: readonly number[]; readonly what: string; readonly advice?: string }[] = [
  {
    bytes: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a],
    what: "an HDF5 file",
    advice: "Load it in Caffe and write it with net.save(\"model.caffemodel\").",
  },
  {
    bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
    what: "a NumPy array",
    advice: "A mean image is needed as .binaryproto; the channel means can also be given as numbers.",
  },
  { bytes: [0x50, 0x4b, 0x03, 0x04], what: "a zip archive (PyTorch and NumPy make such files)" },
  { bytes: [0x1f, 0x8b], what: "a gzip archive", advice: "Unpack it first." },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: "a PNG image" },
  { bytes: [0xff, 0xd8, 0xff], what: "a JPEG image" },
];

/** A file that its first bytes give away, or undefined. */
export function identifyByMagic(source: ByteSource, expected: Expected): Foreign | undefined {
  const head = new Uint8Array(8);
  source.read(head, 0);
  const found = magics.find((magic) => magic.bytes.every((byte, i) => head[i] === byte));
  return found && foreign(found.what, expected, found.advice);
}

/** What kind of file it is that could not be read as `expected`, by its text or its outermost fields; undefined where nothing fits. */
export function identifyByContent(source: ByteSource, expected: Expected): Foreign | undefined {
  const head = new Uint8Array(4096);
  const text = textOf(head.subarray(0, source.read(head, 0)));
  if (text !== undefined) {
    const isNet = /\b(layers?|net_param|input|name|net|solver_mode|base_lr)\s*[:{]/.test(text);
    if (isNet) return foreign("a prototxt (text)", expected, expected === "caffemodel" ? "Weights are in the .caffemodel." : undefined);
    // The first line of a Git LFS pointer.
    if (text.startsWith("version https://git-lfs")) {
      return foreign("a Git LFS pointer", expected, "Fetch the file itself with git lfs pull.");
    }
    if (/^\s*<(!doctype|html)/i.test(text)) return foreign("a web page", expected, "The download went wrong; fetch it again.");
    return foreign("a text file", expected);
  }
  return identifyByFields(source, expected);
}

interface Outline {
  /** Field numbers with their wire types, as `field * 8 + wire`. */
  readonly tags: ReadonlySet<number>;
  /** The text in field 2, if there is any. */
  readonly second: string;
}

function identifyByFields(source: ByteSource, expected: Expected): Foreign | undefined {
  const { tags, second } = outline(source);
  const has = (field: number, wire: number): boolean => tags.has(field * 8 + wire);
  const { varint, bytes, fixed32 } = wireTypes;
  if (has(1, varint) && has(7, bytes) && !has(5, bytes)) return foreign("an ONNX model", expected);
  if (has(1, varint) && (has(3, bytes) || second.endsWith(".caffemodel"))) {
    const advice = second.endsWith(".caffemodel") ? `The weights are in '${shownName(second)}'.` : undefined;
    return foreign("a solverstate (the solver's memory of a training)", expected, expected === "caffemodel" ? advice : undefined);
  }
  if (expected === "caffemodel" && (has(5, bytes) || has(5, fixed32) || has(8, bytes) || has(12, bytes)) && !has(100, bytes)) {
    return foreign("a single blob, as mean.binaryproto is", expected);
  }
  if (expected === "mean image" && (has(100, bytes) || has(2, bytes))) return foreign("a caffemodel", expected);
  return undefined;
}

/** The kinds of the outermost fields, up to where the bytes stop making sense. */
function outline(source: ByteSource): Outline {
  const cursor = openCursor(source);
  const tags = new Set<number>();
  let second = "";
  for (let n = 0; n < 10_000 && nextField(cursor, source.size); n++) {
    tags.add(cursor.field * 8 + cursor.wire);
    if (cursor.field === 2 && cursor.wire === wireTypes.bytes && second === "") second = textOf(valueBytes(cursor, 1024)) ?? "";
  }
  return { tags, second };
}

/** The bytes as text, or undefined where they are none: control characters or invalid UTF-8 (but for a character cut at the end). */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.some((b) => (b < 0x20 && b !== 9 && b !== 10 && b !== 13 && b !== 12) || b === 0x7f)) return undefined;
  const text = new TextDecoder().decode(bytes);
  return text.slice(0, -1).includes("\ufffd") ? undefined : text;
}

function foreign(what: string, expected: Expected, advice?: string): Foreign {
  const whole = `is ${what}, not a ${expected}`;
  return advice === undefined ? { what: whole } : { what: whole, advice };
}
