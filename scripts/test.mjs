// Runs all checks: types, linter, unit and conformance tests. `npm test -- PATTERN` runs only the tests whose file matches.
// The last line counts the tests: `N passed, N failed, N skipped`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const filters = process.argv.slice(2);
const bin = (name) => join("node_modules", name);
const failed = [];

function step(title, script, args) {
  console.log(`\n# ${title}`);
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  if (status !== 0) failed.push(title);
}

if (filters.length === 0) {
  step("types", bin("typescript/bin/tsc"), ["--noEmit"]);
  step("linter", bin("eslint/bin/eslint.js"), ["."]);
}
const folder = mkdtempSync(join(tmpdir(), "netsurgeon-test-"));
const report = join(folder, "report.json");
step("tests", bin("vitest/vitest.mjs"), ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters]);

let counts = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 };
try {
  counts = JSON.parse(readFileSync(report, "utf8"));
} catch {
  failed.push("the test report");
}
rmSync(folder, { recursive: true, force: true });
if (failed.length > 0) console.log(`\nfailed: ${failed.join(", ")}`);
console.log(`\n${counts.numPassedTests} passed, ${counts.numFailedTests + (failed.some((title) => title !== "tests") ? 1 : 0)} failed, ${counts.numPendingTests} skipped`);
process.exitCode = failed.length > 0 || counts.numPassedTests === 0 ? 1 : 0;
