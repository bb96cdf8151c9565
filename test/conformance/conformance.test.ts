import { afterAll, describe, expect, test } from "vitest";
import { conformanceCases } from "../support/conformance.ts";
import { runCase } from "../support/run-case.ts";

const cases = conformanceCases();
const unchecked = new Map<string, string[]>();
let agreed = 0;

/** Small nets run by real BVLC Caffe: shapes, values and refusals. */
describe("conformance with BVLC Caffe", () => {
  test.each(cases.map((one) => [one.id, one] as const))("%s", async (id, one) => {
    const { problems, unchecked: reason } = await runCase(one);
    if (reason !== undefined) unchecked.set(reason, [...(unchecked.get(reason) ?? []), id]);
    expect(problems).toEqual([]);
    agreed++;
  });

  afterAll(() => {
    console.log(`conformance: ${agreed} of ${cases.length} cases agree with BVLC Caffe`);
    for (const [reason, ids] of unchecked) console.log(`  values not compared, ${ids.length} cases: ${reason} (${ids.slice(0, 6).join(", ")}${ids.length > 6 ? ", …" : ""})`);
  });
});
