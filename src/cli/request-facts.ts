import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { fileFailure } from "../text/failure.ts";

/** A digest of a text. */
export function textDigest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A digest of all of a file. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  } catch (cause) {
    throw fileFailure("cannot-read", path, cause);
  }
  return hash.digest("hex");
}

/** Bytes at either end of a picture that are looked at. */
const ENDS = 2 ** 20;

/** A digest of a picture's size, time of change, and first and last megabyte: slides are too large to be read just for this. */
export async function pictureDigest(path: string): Promise<string> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw fileFailure("cannot-read", path, cause);
  });
  try {
    const { size, mtimeMs } = await handle.stat();
    const hash = createHash("sha256").update(`${size} ${mtimeMs}\n`);
    const buffer = Buffer.alloc(Math.min(size, ENDS));
    for (const position of [0, Math.max(0, size - ENDS)]) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return hash.digest("hex");
  } finally {
    await handle.close();
  }
}
