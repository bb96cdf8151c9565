import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findProviders, forgetAutomatic } from "../../src/preview/provider.ts";

let folder: string;
let entry: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "netsurgeon-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
  entry = join(folder, "inference.cjs");
  await writeFile(entry, "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("what auto led to is remembered until it is forgotten or the program is another", async () => {
  let tried = 0;
  // Built for the CPU alone: nothing is left to be tried in a process.
  const compiled = (): Promise<["cpu"]> => {
    tried++;
    return Promise.resolve(["cpu"]);
  };
  const settle = async (): Promise<unknown> => findProviders(entry, compiled, new AbortController().signal).settle("auto");
  expect(await findProviders(entry, compiled, new AbortController().signal).known("auto")).toBeUndefined();
  for (let i = 0; i < 3; i++) expect(await settle()).toEqual({ name: "cpu", skipped: [] });
  expect(tried).toBe(1);
  expect(await findProviders(entry, compiled, new AbortController().signal).known("auto")).toEqual({ name: "cpu", skipped: [] });
  await forgetAutomatic(entry);
  await settle();
  expect(tried).toBe(2);
  await writeFile(entry, "another");
  await settle();
  expect(tried).toBe(3);
});
