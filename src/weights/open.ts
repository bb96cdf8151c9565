import { Failure } from "../text/failure.ts";
import type { Foreign } from "./identify.ts";
import { identifyByContent, identifyByMagic } from "./identify.ts";
import { netFields } from "./layout.ts";
import { scanNet } from "./scan.ts";
import { withFile } from "./source.ts";
import type { WeightsFile } from "./weights-file.ts";
import type { ByteSource } from "./wire.ts";
import { nextField, openCursor, wireTypes } from "./wire.ts";

export { layerNamed } from "./weights-file.ts";
export type { WeightsFile } from "./weights-file.ts";

/**
 * The index of a .caffemodel: its layers and where their blobs lie. No weights are loaded; memory does not grow with the file.
 *
 * Throws a {@link Failure} for what is missing, a folder, empty, truncated, damaged, or another kind of file, with the way out
 * where there is one.
 */
export function openWeights(path: string): Promise<WeightsFile> {
  return withFile(path, (source) => ({ path, bytes: source.size, modified: source.modified, ...indexWeights(source, path) }));
}

/** The part of {@link openWeights} that needs no file. `path` is for messages. */
export function indexWeights(source: ByteSource, path: string): Pick<WeightsFile, "format" | "netName" | "layers"> {
  const byMagic = identifyByMagic(source, "caffemodel");
  if (byMagic !== undefined) throw foreignFailure(byMagic, path);
  try {
    const net = scanNet(source, path);
    if (net.layers.length > 0 || isEmptyNet(source)) return net;
  } catch (error) {
    const other = error instanceof Failure && error.kind === "bad-file" ? identifyByContent(source, "caffemodel") : undefined;
    throw other === undefined ? error : foreignFailure(other, path);
  }
  throw foreignFailure(identifyByContent(source, "caffemodel") ?? { what: "is not a caffemodel: it has no layers" }, path);
}

/** The failure for a file of another kind. */
export function foreignFailure(foreign: Foreign, file: string): Failure {
  const { what, advice } = foreign;
  return new Failure("bad-file", `${what}.`, advice === undefined ? { file } : { file, advice });
}

/** The highest field number of NetParameter other than its layers, in any known fork. */
const lastNetField = 20;

/** True where a file without layers has nothing but what a net without layers may have: one name, and settings. */
function isEmptyNet(source: ByteSource): boolean {
  const cursor = openCursor(source);
  let names = 0;
  while (nextField(cursor, source.size)) {
    const { field, wire } = cursor;
    if (field === netFields.name && (wire !== wireTypes.bytes || ++names > 1)) return false;
    if (field > lastNetField) return false;
    // force_backward is a bool; with a length it is the data of a blob.
    if (field === 5 && wire !== wireTypes.varint) return false;
  }
  return true;
}
