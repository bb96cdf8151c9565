import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test("the bench works in its quick form, from beginning to end", { timeout: 600_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/run.mjs", "scripts/bench/main.ts", "--quick"], { cwd: root, encoding: "utf8" });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  // What a pixel of the sample net costs is counted from the net.
  expect(stdout).toContain("In dense form a pixel takes 88,032 multiply-adds.");
  for (const part of ["dense", "simple", "advanced", "naive", "dense, the net alone", "dense, image file to map file", "300 x 300", "600 x 600"]) {
    expect(stdout).toContain(`| ${part} | `);
  }
  expect(stdout).not.toMatch(/NaN|Infinity|undefined/);
  // What was not measured is a question mark; memory is measured on Linux alone.
  if (process.platform === "linux") expect(stdout).not.toContain("?");
});
