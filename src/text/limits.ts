import { count } from "./words.ts";

/** How large a thing from a file may be before it is refused. */
interface Limit {
  /** What holds where nobody says otherwise. */
  readonly standard: number;
  /** As far as it can be raised. */
  readonly most: number;
  /** What is counted, for the help of the command line. */
  readonly of: string;
}

/**
 * Every limit on what files may ask for, by the name that the option `--limit` and the settings `netsurgeon.limits.*` give it.
 *
 * They keep a file of a few lines from taking all memory or all day. What formats and Caffe itself limit (2^31 - 1 values of a blob, 32 axes, 2 GB of an
 * ONNX file) is not among them: raising that would help nobody.
 */
export const limits = {
  pixels: { standard: 5e10, most: 1e15, of: "pixels of a picture file, whatever is read of it" },
  imageBytes: { standard: 2 ** 30, most: 4e9, of: "bytes of a picture in memory, unpacked (PNG, JPEG; of a TIFF, the part that is read at a time)" },
  previewPixels: { standard: 64e6, most: 1e9, of: "pixels of a picture in the preview" },
  pngPixels: { standard: 2 ** 26, most: 2 ** 31, of: "pixels of a map written as PNG" },
  textBytes: { standard: 2 ** 26, most: 2 ** 29, of: "bytes of a prototxt given to the command line" },
  nesting: { standard: 64, most: 1000, of: "messages inside each other in a prototxt" },
  layers: { standard: 50_000, most: 1e7, of: "layers of a net, in its text or its model" },
  modelNesting: { standard: 100, most: 1e6, of: "groups inside each other in a model" },
  modelBlobs: { standard: 200_000, most: 1e8, of: "blobs of a model" },
  filledValues: { standard: 2 ** 29, most: 4e9, of: "values of a blob that a filler makes" },
  constantValues: { standard: 2 ** 26, most: 4e9, of: "values of a constant of an ONNX model that follows from the net's sizes" },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof limits;

export const limitNames = Object.keys(limits) as LimitName[];

/** Limits other than the standard ones. */
export type Limits = Readonly<Partial<Record<LimitName, number>>>;

/** A program has one user, whose limits hold for all it reads. */
let chosen: Limits = {};

/** The limit that holds. */
export function limit(name: LimitName): number {
  return chosen[name] ?? limits[name].standard;
}

/** Sets the limits of this program; those not given are the standard ones. */
export function useLimits(given: Limits): void {
  chosen = given;
}

/** What is wrong with a value for a limit, as the end of a sentence; undefined where nothing is. */
export function limitProblem(name: LimitName, value: number): string | undefined {
  const { most } = limits[name];
  return Number.isInteger(value) && value >= 1 && value <= most ? undefined : `'${name}' takes a whole number from 1 to ${count(most)}`;
}

/** Limits from what an editor's settings hold, which may be anything: what makes no sense counts as not given. */
export function readLimits(given: unknown): Limits {
  if (typeof given !== "object" || given === null) return {};
  const named = Object.entries(given).filter((entry): entry is [LimitName, number] => {
    const name = limitNames.find((known) => known === entry[0]);
    return name !== undefined && typeof entry[1] === "number" && limitProblem(name, entry[1]) === undefined;
  });
  return Object.fromEntries(named);
}

/** How to raise a limit so that `needed` passes, as a sentence. */
export function raising(name: LimitName, needed: number): string {
  if (limitProblem(name, needed) !== undefined) return "No setting allows that.";
  return `To allow it, raise the limit: --limit ${name}=${needed} on the command line, netsurgeon.limits.${name} in the editor.`;
}
