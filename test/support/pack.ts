import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

/** The files of a pack made by scripts/pack.mjs, by path. */
export interface Pack {
  readonly paths: readonly string[];
  /** The bytes of a file; throws where there is none. */
  readonly read: (path: string) => Buffer;
  readonly text: (path: string) => string;
}

/** Opens a pack, which is read whole. */
export function openPack(file: string): Pack {
  const bytes = brotliDecompressSync(readFileSync(file));
  const start = 4 + bytes.readUInt32LE(0);
  const index = JSON.parse(bytes.subarray(4, start).toString()) as Record<string, [number, number]>;
  const read = (path: string): Buffer => {
    const entry = index[path];
    if (entry === undefined) throw new Error(`the pack ${file} has no ${path}`);
    return bytes.subarray(start + entry[0], start + entry[0] + entry[1]);
  };
  return { paths: Object.keys(index), read, text: (path) => read(path).toString("utf8") };
}

/** A file of little-endian float32 as an array of its own. */
export function floats(bytes: Buffer): Float32Array {
  const copy = new Uint8Array(bytes);
  return new Float32Array(copy.buffer, 0, copy.length / 4);
}
