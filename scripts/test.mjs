// Runs all checks: types, linter, unit, protocol and conformance tests, then VS Code: suites in its extension host and tests in its workbench.
// `npm test -- PATTERN` runs only the tests whose file matches, without VS Code. `--unit` leaves VS Code out too.
// What needs the network and has none (the audit) counts as skipped. The last line counts the tests: `N passed, N failed, N skipped`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const unitOnly = process.argv.includes("--unit");
const filters = process.argv.slice(2).filter((arg) => arg !== "--unit");
const bin = (name) => join("node_modules", name);
const failed = [];
const total = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), "netsurgeon-test-"));
const report = join(folder, "report.json");

function step(title, script, args) {
  console.log(`\n# ${title}`);
  const { status } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  if (status !== 0) failed.push(title);
  return status;
}

/** A step that counts its tests in a report; where it leaves none, it counts as one failed test. */
function tests(title, script, args, read) {
  rmSync(report, { force: true });
  const status = step(title, script, args);
  let counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    counts = read(JSON.parse(readFileSync(report, "utf8")));
  } catch {
    if (status === 0) failed.push(`the report of ${title}`);
  }
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
}

const ofVitest = ({ numPassedTests, numFailedTests, numPendingTests }) => ({ passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests });
const vitest = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const check = (title, script, args) => { if (step(title, script, args) !== 0) total.failed++; };

/** Known weaknesses of packages, where the registry can be asked; where it cannot, that is one check not made and no check passed. */
function audit() {
  const title = "known weaknesses of packages";
  const status = step(title, "scripts/audit.mjs", []);
  if (status === 3) {
    failed.pop();
    total.skipped++;
  } else if (status === 0) total.passed++;
  else total.failed++;
}

if (filters.length === 0) {
  for (const project of [".", "webview", "test/webview"]) check(`types of ${project}`, bin("typescript/bin/tsc"), ["--noEmit", "-p", project]);
  check("linter", bin("eslint/bin/eslint.js"), ["."]);
  check("dead code and unused packages", bin("knip/bin/knip.js"), ["--no-progress"]);
  check("licences of others", "scripts/notices.mjs", ["--check"]);
  audit();
}
// It brings the browser, which the tests of the preview's page need too.
const host = filters.length === 0 && !unitOnly ? step("VS Code for the tests", "scripts/run.mjs", ["test/vscode/check-host.ts"]) : undefined;
tests("tests", bin("vitest/vitest.mjs"), [...vitest, ...(filters.length === 0 ? ["--coverage"] : filters)], ofVitest);
if (host === 0) {
  tests("suites in the extension host", "scripts/run.mjs", ["test/vscode/run-suites.ts", report], (counts) => counts);
  tests("tests in the workbench", bin("vitest/vitest.mjs"), [...vitest, "--config", "test/vscode/vitest.config.ts"], ofVitest);
} else if (host === 3) {
  failed.pop();
  total.skipped += countTests("test/vscode/suites") + countTests("test/vscode/ui");
} else if (host !== undefined) {
  total.failed++;
}
rmSync(folder, { recursive: true, force: true });
if (failed.length > 0) console.log(`\nfailed: ${failed.join(", ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = failed.length > 0 || total.passed === 0 ? 1 : 0;

/** How many tests the files of a folder declare. */
function countTests(path) {
  const texts = readdirSync(path).filter((name) => name.endsWith(".ts")).map((name) => readFileSync(join(path, name), "utf8"));
  return texts.reduce((count, text) => count + (text.match(/^\s*test\(/gm)?.length ?? 0), 0);
}
