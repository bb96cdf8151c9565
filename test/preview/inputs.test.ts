import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findInputs } from "../../src/preview/inputs.ts";
import { readShapes } from "../../src/preview/open-net.ts";

const sample = join(import.meta.dirname, "../../samples/nuclei32/nuclei32.caffemodel");
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "netsurgeon-inputs-"));
  for (const folder of ["nets", "models"]) mkdirSync(join(root, folder));
  copyFileSync(sample, join(root, "models", "a.caffemodel"));
  copyFileSync(sample, join(root, "nets", "b.caffemodel"));
});
afterAll(() => { rmSync(root, { recursive: true }); });

/** What is found for a net that names a model, by the last part of the paths. */
async function found(named: string, setting: string, folders: string[]): Promise<{ models: (string | undefined)[]; outside: string | undefined }> {
  const shapes = readShapes(`# weights: ${named}\n`, { weights: "", dialect: "auto", customLayers: {} });
  const { weights, outside } = await findInputs(join(root, "nets", "net.prototxt"), shapes, setting, folders);
  return { models: weights.map(({ path }) => path.split(/[/\\]/).at(-1)), outside };
}

test("a model that a net names is taken from its folder and the workspace; elsewhere it is for the user to choose", async () => {
  const outside = join(root, "models", "a.caffemodel");
  expect(await found("b.caffemodel", "", [])).toEqual({ models: ["b.caffemodel"], outside: undefined });
  expect(await found("../models/a.caffemodel", "", [root])).toEqual({ models: ["a.caffemodel", "b.caffemodel"], outside: undefined });
  expect(await found("../models/a.caffemodel", "", [])).toEqual({ models: ["b.caffemodel"], outside });
  expect(await found(outside, "", [])).toEqual({ models: ["b.caffemodel"], outside });
  expect(await found(outside, outside, [])).toEqual({ models: ["a.caffemodel", "b.caffemodel"], outside });
});
