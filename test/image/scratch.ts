import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { Image } from "../../src/image/image.ts";
import { readImage } from "../../src/image/image.ts";
import type { FailureKind } from "../../src/text/failure.ts";
import { Failure, sentence } from "../../src/text/failure.ts";

/** Where the fixtures of these tests are. */
export const fixtures = new URL("../fixtures/image/", import.meta.url).pathname;

/** A folder that lives as long as the test file; call at its top. Gives what makes paths in it. */
export function scratchFolder(): (name: string) => string {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "image-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  return (name) => join(folder, name);
}

/** Expects the promise to fail with a Failure of this kind, whose sentence has this in it. */
export async function checkFailure(promise: Promise<unknown>, kind: FailureKind, words: RegExp): Promise<void> {
  const outcome = await promise.then(
    () => "no failure",
    (cause: unknown) => cause,
  );
  if (!(outcome instanceof Failure)) throw outcome instanceof Error ? outcome : new Error(String(outcome));
  expect(sentence(outcome)).toMatch(words);
  expect(outcome.kind).toBe(kind);
}

/** Expects the bytes, as a file of at most 4 MiB decoded, to be a picture or a Failure, and nothing else; true where they are a picture. */
export async function checkPictureOrFailure(path: string, bytes: Uint8Array): Promise<boolean> {
  await writeFile(path, bytes);
  let image: Image;
  try {
    image = await readImage(path, { maxBytes: 2 ** 22 });
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    expect(cause.message).not.toBe("");
    return false;
  }
  expect(image.data.length).toBe(image.width * image.height * image.channels);
  return true;
}
