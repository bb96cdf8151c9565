import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { Failure, fileFailure } from "../text/failure.ts";
import { limit, raising } from "../text/limits.ts";
import { count, counted } from "../text/words.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import type { Phase } from "../layers/definition.ts";
import { readDocument, type Document } from "../net/document.ts";
import { readNet } from "../net/net.ts";
import { inferShapes, type CustomLayers, type NetShapes, type ShapeOptions } from "../net/shapes.ts";
import { compareWeights } from "../ide/weights.ts";
import type { WeightsFile } from "../weights/open.ts";
import { dialectNames, type DialectName } from "../schema/schema.ts";
import { place } from "./print.ts";

/** Options that every subcommand with a net takes. */
export interface NetOptions {
  readonly phase?: string;
  readonly stage?: readonly string[];
  readonly level?: number;
  readonly dialect?: string;
  readonly layers?: string;
}

/** The text of a file and how its bytes were read. Throws a Failure for what cannot be read or is no text. */
async function readText(path: string): Promise<{ text: string; encoding: "utf8" | "latin1" }> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > limit("textBytes"))
      throw new Failure("bad-file", `has ${counted(size, "byte")}, too many for a prototxt; the limit is ${count(limit("textBytes"))}`, {
        file: path,
        advice: `Is it a model? Give models with --weights. ${raising("textBytes", size)}`,
      });
    bytes = await readFile(path);
  } catch (error) {
    throw error instanceof Failure ? error : fileFailure("cannot-read", path, error);
  }
  if (bytes.includes(0))
    throw new Failure("bad-file", "is a binary file, not a prototxt", { file: path, advice: "Give models with --weights." });
  // Caffe does not look at the encoding of comments and names; where it is not UTF-8, each byte is a character.
  const encoding = isUtf8(bytes) ? "utf8" : "latin1";
  return { text: bytes.toString(encoding), encoding };
}

const encodings = new WeakMap<Document, "latin1">();

/** A changed text of a document as the bytes of a file, in the encoding of the file that the document was read from. */
export function encoded(document: Document, text: string): Buffer {
  return Buffer.from(text, encodings.get(document) ?? "utf8");
}

/** The document of a prototxt file. */
export async function readNetFile(path: string, options: NetOptions = {}): Promise<Document> {
  const { text, encoding } = await readText(path);
  const document = readDocument(text, dialectOption(options.dialect));
  if (encoding === "latin1") encodings.set(document, encoding);
  return document;
}

function dialectOption(name: string | undefined): { dialect?: DialectName } {
  if (name === undefined) return {};
  const dialect = dialectNames.find((known) => known === name);
  if (dialect === undefined)
    throw new Failure("bad-request", `there is no dialect '${name}'`, { advice: `Choose one of ${dialectNames.join(", ")}.` });
  return { dialect };
}

/** The shapes of a net in the state that the options name. */
export async function shapesOf(document: Document, options: NetOptions = {}, shapeOptions: ShapeOptions = {}): Promise<NetShapes> {
  const phase = (options.phase ?? "test").toUpperCase();
  if (phase !== "TEST" && phase !== "TRAIN")
    throw new Failure("bad-request", `there is no phase '${options.phase}'`, { advice: "Choose test or train." });
  const custom = options.layers === undefined ? undefined : await readCustomLayers(options.layers);
  const net = readNet(document, { phase: phase satisfies Phase, stages: options.stage ?? [], level: options.level ?? 0 });
  return inferShapes(net, { ...shapeOptions, ...(custom && { custom }) });
}

/** Declarations of the user's own layers: `{ "MyLayer": { "like": "ReLU" }, "Other": { "tops": [[1, 8, 6, 6]] } }`. */
async function readCustomLayers(path: string): Promise<CustomLayers> {
  const bad = (why: string): Failure =>
    new Failure("bad-file", why, {
      file: path,
      advice: 'Expected { "MyLayer": { "like": "ReLU" }, "Other": { "tops": [[1, 8, 6, 6]] } }.',
    });
  let value: unknown;
  try {
    value = JSON.parse((await readText(path)).text);
  } catch (error) {
    throw error instanceof Failure ? error : bad("is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("does not declare layers");
  for (const [name, rule] of Object.entries(value as Record<string, unknown>)) {
    const { like, tops } = (rule ?? {}) as { like?: unknown; tops?: unknown };
    const isShape = (shape: unknown): boolean => Array.isArray(shape) && shape.every((d) => Number.isInteger(d) && d >= 0);
    if (typeof like !== "string" && !(Array.isArray(tops) && tops.every(isShape)))
      throw bad(`layer type '${name}' has neither 'like' nor 'tops'`);
  }
  return value as CustomLayers;
}

/** Throws a Failure with the first error, where a net has errors: for commands that need a sound net. */
export function requireSound(path: string, shapes: NetShapes): void {
  const errors = [...shapes.net.document.diagnostics, ...shapes.net.diagnostics, ...shapes.diagnostics].filter(
    (d) => d.severity === "error",
  );
  const [first] = errors;
  if (first !== undefined) throw netFailure(path, shapes.net.document, errors, first);
}

/** Throws a Failure with the first blob of a model that does not fit a net: for commands that need both to fit. */
export function requireFitting(path: string, shapes: NetShapes, model: WeightsFile): void {
  const errors = compareWeights(shapes, model).diagnostics.filter((d) => d.severity === "error");
  if (errors[0] !== undefined) throw netFailure(path, shapes.net.document, errors, errors[0]);
}

/** The Failure that names the first of several errors in a net. */
export function netFailure(path: string, document: Document, errors: readonly Diagnostic[], first: Diagnostic): Failure {
  const more = errors.length > 1 ? ` (and ${counted(errors.length - 1, "more error")}; 'netsurgeon lint' lists them)` : "";
  return new Failure("bad-net", `${first.message}${more}`, { file: path, place: place(document, first) });
}
