import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { targets } from "./targets.ts";

const corpus = join(import.meta.dirname, "../fixtures/corpus");

/** `npm run fuzz` tries the same for as long as one likes. */
describe("senseless input is answered", () => {
  test.each(Object.entries(targets))("%s", async (_, { inputs, check, runs }) => {
    await fc.assert(fc.asyncProperty(inputs(), async (input) => { await check(input); }), { numRuns: runs, seed: 20 });
  });
});

describe("what once was answered wrongly", () => {
  const files = readdirSync(corpus).flatMap((target) => readdirSync(join(corpus, target)).map((name) => [target, name] as const));

  test("every folder of the corpus is of a target", () => {
    expect(readdirSync(corpus).filter((name) => !(name in targets))).toEqual([]);
    expect(existsSync(corpus)).toBe(true);
  });
  test.each(files)("%s/%s", async (target, name) => {
    const bytes = readFileSync(join(corpus, target, name));
    await targets[target]!.check(name.endsWith(".prototxt") ? bytes.toString("utf8") : bytes);
  });
});
