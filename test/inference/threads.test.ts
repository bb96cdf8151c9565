import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { physicalCores } from "../../src/inference/threads.ts";

test.each([
  { name: "two threads on each core", siblings: ["0,2", "1,3", "0,2", "1,3"], cores: 2 },
  { name: "one core", siblings: ["0-1", "0-1"], cores: 1 },
  { name: "more cores than the process may use", siblings: Array.from({ length: 600 }, (_, i) => String(i)), cores: 600 },
])("$name", ({ siblings, cores }) => {
  const folder = mkdtempSync(join(tmpdir(), "cores-"));
  try {
    for (const name of ["cpufreq", "online"]) mkdirSync(join(folder, name));
    for (const [i, list] of siblings.entries()) {
      mkdirSync(join(folder, `cpu${i}/topology`), { recursive: true });
      writeFileSync(join(folder, `cpu${i}/topology/thread_siblings_list`), `${list}\n`);
    }
    expect(physicalCores(folder)).toBe(Math.min(cores, availableParallelism()));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a system that does not say leaves it to onnxruntime", () => {
  expect(physicalCores("/no/such/folder")).toBe(0);
});
