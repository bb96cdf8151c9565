import type { EnumSchema, ScalarType } from "../schema/schema.ts";
import type { ScalarNode } from "./tree.ts";
import { wordIn } from "./words.ts";

/** A scalar understood as its type, or what is wrong with it, as the end of a sentence: `is a whole number, not "abc"`. */
export type ScalarReading = { readonly value: number | string | boolean } | { readonly wrong: string };

/**
 * Reads a scalar as a type of the schema, as libprotobuf's text format does: integers in decimal, octal and hexadecimal, floats in
 * decimal with `2f`, `inf`, `nan`, booleans as `true`, `True`, `t`, `1` and their opposites, enum values by name or number, adjacent strings joined.
 */
export function readScalar(node: ScalarNode, type: ScalarType | EnumSchema): ScalarReading {
  if (typeof type !== "string") return readEnum(node, type);
  switch (type) {
    case "string":
    case "bytes":
      return node.form === "string" ? { value: unquote(node.raw) } : { wrong: `is text and needs quotes: "${node.raw}"` };
    case "bool":
      return readBool(node);
    case "float":
    case "double":
      return readFloat(node);
    default:
      return readInteger(node, type);
  }
}

const limits: Record<"int32" | "uint32" | "int64" | "uint64", readonly [number, number]> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 63), 2 ** 63 - 1],
  uint64: [0, 2 ** 64 - 1],
};

function readInteger(node: ScalarNode, type: keyof typeof limits): ScalarReading {
  const magnitude = node.form === "number" ? parseInteger(node.raw) : undefined;
  if (magnitude === undefined) return { wrong: `is a whole number, not ${shown(node)}` };
  const value = node.negative ? -magnitude : magnitude;
  const [low, high] = limits[type];
  if (node.negative && low === 0) return { wrong: `is a whole number of at least 0, not ${shown(node)}` };
  if (value < low || value > high) return { wrong: `is a whole number from ${low} to ${high}; ${shown(node)} does not fit` };
  return { value };
}

function parseInteger(raw: string): number | undefined {
  if (/^0[xX][0-9a-fA-F]+$/.test(raw)) return Number.parseInt(raw.slice(2), 16);
  if (/^0[0-7]+$/.test(raw)) return Number.parseInt(raw, 8);
  return /^(0|[1-9][0-9]*)$/.test(raw) ? Number(raw) : undefined;
}

function readFloat(node: ScalarNode): ScalarReading {
  const wrong = { wrong: `is a number, not ${shown(node)}` };
  if (node.form === "identifier") {
    const word = node.raw.toLowerCase();
    const value = word === "inf" || word === "infinity" ? Infinity : word === "nan" ? NaN : undefined;
    return value === undefined ? wrong : { value: node.negative ? -value : value };
  }
  if (node.form !== "number") return wrong;
  // Unlike integers, libprotobuf's floats are decimal: what begins like an octal number (`010`, `01.5`) is wrong, as is `0x10`.
  if (!/^((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?[fF]?$/.test(node.raw)) return wrong;
  const magnitude = Number.parseFloat(node.raw);
  return { value: node.negative ? -magnitude : magnitude };
}

const booleans: Record<string, boolean> = { true: true, True: true, t: true, false: false, False: false, f: false };

function readBool(node: ScalarNode): ScalarReading {
  const number = node.form === "number" && !node.negative ? parseInteger(node.raw) : undefined;
  const value = node.form === "identifier" && !node.negative ? booleans[node.raw] : number === 0 ? false : number === 1 ? true : undefined;
  return value === undefined ? { wrong: `is true or false, not ${shown(node)}` } : { value };
}

function readEnum(node: ScalarNode, type: EnumSchema): ScalarReading {
  if (node.form === "identifier" && !node.negative && type.values.has(node.raw)) return { value: node.raw };
  if (node.form === "number") {
    const number = parseInteger(node.raw);
    const name = number === undefined ? undefined : type.names.get(node.negative ? -number : number);
    if (name !== undefined) return { value: name };
  }
  const names = [...type.values.keys()];
  const choice = names.length <= 8 ? `one of ${names.join(", ")}` : `a value of ${type.name}`;
  const unquoted = node.form === "string" && type.values.has(unquote(node.raw)) ? " (without quotes)" : "";
  return { wrong: `is ${choice}${unquoted}, not ${shown(node)}` };
}

function shown(node: ScalarNode): string {
  const text = node.raw.length > 40 ? `${node.raw.slice(0, 40)}…` : node.raw;
  return `${node.negative ? "-" : ""}${text}`;
}

const escapes: Record<string, string> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };

/** The value of one or more quoted strings in a row. Byte escapes that form UTF-8 are decoded. */
export function unquote(raw: string): string {
  if (isPlainString(raw, 0, raw.length)) return raw.length === 2 ? "" : wordIn(raw, 1, raw.length - 1);
  let joined = "";
  for (const match of raw.matchAll(/"((?:\\.|[^"\\\r\n])*)"?|'((?:\\.|[^'\\\r\n])*)'?|#.*/g)) joined += match[1] ?? match[2] ?? "";
  if (!joined.includes("\\")) return joined;
  return joined.replace(/(?:\\[0-7]{1,3}|\\x[0-9a-fA-F]{1,2})+|\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/g, (whole, one?: string) => {
    if (one === undefined) return decodeBytes(whole);
    if (/^[uU]./.test(one)) return String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(one.slice(1), 16)));
    return escapes[one] ?? one;
  });
}

/** True where a part of a text is one closed string without escapes, as nearly all are. */
export function isPlainString(text: string, start: number, end: number): boolean {
  const mark = text.charCodeAt(start);
  const last = end - 1;
  if (last <= start || (mark !== 34 && mark !== 39)) return false;
  for (let i = start + 1; i < last; i++) {
    const c = text.charCodeAt(i);
    if (c === mark || c === 92 || c === 10 || c === 13) return false;
  }
  return text.charCodeAt(last) === mark;
}

function decodeBytes(run: string): string {
  const bytes = [...run.matchAll(/\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})/g)].map((m) =>
    m[1] === undefined ? Number.parseInt(m[2]!, 16) : Number.parseInt(m[1], 8) & 255,
  );
  return Buffer.from(bytes).toString("utf8");
}

/** A string as a quoted literal of the text format. */
export function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n").replace(/\r/g, "\\r").replace(/\t/g, "\\t")}"`;
}
