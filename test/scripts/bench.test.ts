import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test("the bench works in its quick form, from beginning to end", { timeout: 600_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/run.mjs", "scripts/bench/main.ts", "--quick", "--large"], { cwd: root, encoding: "utf8" });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  // What a pixel of the sample net costs is counted from the net.
  expect(stdout).toContain("In dense form a pixel takes 88,032 multiply-adds;");
  for (const part of ["dense", "simple", "advanced", "advanced, 16 plain passes", "advanced, 64 plain passes", "naive", "dense, the net alone", "dense, image file to map file", "300 x 300", "600 x 600", "edit to findings, 30 layers, p95", "completion, p95", "hover, p95", "300 lines, open to findings"]) {
    expect(stdout).toContain(`| ${part} | `);
  }
  // Both are facts, not figures: the plain net gives the same numbers, and so does a run that was killed.
  for (const [, difference] of stdout.matchAll(/Dense and plain differ by (\S+) at most/g)) expect(Number(difference)).toBeLessThan(1e-4);
  expect(stdout).toContain("the finished file is the same, byte for byte, as that of an undisturbed run");
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  // What was not measured is a question mark; memory is measured on Linux alone.
  if (process.platform === "linux") expect(stdout).not.toContain("?");
});
