// Tries mutated and made-up files on the engine for as long as asked: `npm run fuzz -- [--minutes N] [--target NAME] [--seed N]`.
// Each input runs in a child process that is ended where it takes too long or too much memory. What fails is made as small as it
// goes and saved to test/fixtures/corpus, which the tests replay. Prints inputs tried, time and failures.
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { clearTimeout, setTimeout } from "node:timers";
import { parseArgs } from "node:util";
import * as esbuild from "esbuild";
import { protoFiles } from "./proto.mjs";

/** An input may take this long on a busy machine; the largest take a hundredth. */
const SECONDS = 20;
/** And a child this much memory, which is what Node itself, the seeds and the largest picture that is tried need, four times over. */
const BYTES = 1.2e9;
/** So long it tries to make a failing input smaller, in milliseconds. */
const SMALLER = 60_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const { values: options } = parseArgs({ options: { minutes: { type: "string", default: "1" }, target: { type: "string", multiple: true }, seed: { type: "string", default: String(Date.now() % 1e9) } } });
const minutes = Number(options.minutes);
if (!(minutes > 0)) throw new Error(`--minutes takes a number, not '${options.minutes}'`);

const folder = mkdtempSync(join(tmpdir(), "netsurgeon-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
const targets = await build();
const names = options.target ?? Object.keys(targets);
const end = performance.now() + minutes * 60_000;
const counts = new Map(names.map((name) => [name, { tried: 0, seconds: 0, slowest: 0, failures: 0 }]));
const known = new Set();
let child;
let seed = Number(options.seed);
console.log(`fuzzing ${names.join(", ")} for ${minutes} min from seed ${seed}`);

while (performance.now() < end) {
  for (const name of names) await round(name, seed);
  seed++;
}
child?.kill("SIGKILL");
const rows = [...counts].map(([name, { tried, seconds, slowest, failures }]) => [name, tried.toLocaleString("en-US"), `${seconds.toFixed(0)} s`, `${slowest.toFixed(1)} s`, String(failures)]);
const all = [...counts.values()];
const sum = (key) => all.reduce((total, count) => total + count[key], 0);
rows.unshift(["target", "inputs", "time", "slowest", "failures"]);
rows.push(["all", sum("tried").toLocaleString("en-US"), `${sum("seconds").toFixed(0)} s`, `${Math.max(...all.map(({ slowest }) => slowest)).toFixed(1)} s`, String(sum("failures"))]);
console.log(rows.map(([name, ...cells]) => [name.padEnd(12), ...cells.map((cell) => cell.padStart(10))].join("")).join("\n"));
process.exitCode = sum("failures") > 0 ? 1 : 0;
if (sum("tried") === 0) process.exitCode = 2;

async function round(name, seed) {
  const count = counts.get(name);
  const start = performance.now();
  const outcome = await run({ target: name, seed, count: Math.ceil(targets[name].runs / 10) });
  count.tried += outcome.tried;
  count.slowest = Math.max(count.slowest, outcome.slowest);
  if (outcome.failure !== undefined) {
    if (outcome.input === undefined) throw new Error(`no input was made: ${outcome.failure}`);
    const signature = signatureOf(outcome.failure);
    if (!known.has(`${name} ${signature}`)) {
      known.add(`${name} ${signature}`);
      count.failures++;
      const smallest = await smaller(name, outcome.input, signature);
      console.log(`\n${name}, seed ${seed}: ${outcome.failure.split("\n").slice(0, 12).join("\n")}\nsaved as ${save(name, smallest)}\n`);
    }
  }
  count.seconds += (performance.now() - start) / 1000;
}

/** Runs a task in the child; a child that is lost is an outcome, too. */
function run(task) {
  child ??= fork(join(folder, "fuzz-child.mjs"), { execArgv: ["--max-old-space-size=512", "--enable-source-maps"], serialization: "advanced", stdio: ["ignore", "ignore", "pipe", "ipc"] });
  const current = child;
  return new Promise((done) => {
    let input;
    let tried = 0;
    let timer;
    let since = performance.now();
    let slowest = 0;
    let errors = "";
    const onError = (data) => (errors = (errors + data).slice(-2000));
    const finish = (failure) => {
      clearTimeout(timer);
      current.off("message", listen).off("exit", lost);
      current.stderr.off("data", onError);
      if (failure !== undefined && current === child) {
        current.kill("SIGKILL");
        child = undefined;
      }
      done({ input, tried, failure, slowest });
    };
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => finish(`hang: not done after ${SECONDS} s`), SECONDS * 1000);
      if (tried > 0) slowest = Math.max(slowest, (performance.now() - since) / 1000);
      since = performance.now();
    };
    const listen = (report) => {
      if ("at" in report) {
        watch();
        tried = report.at + 1;
        input = report.input;
      } else if (report.failure !== undefined) finish(report.failure);
      else finish(report.peak > BYTES ? `memory: ${(report.peak / 1e6).toFixed(0)} MB` : undefined);
    };
    const lost = (code, signal) => {
      child = undefined;
      finish(`the process ended with ${signal ?? code}: ${/[^\n]*(FATAL|Error)[^\n]*/.exec(errors)?.[0] ?? ""}`);
    };
    current.on("message", listen).once("exit", lost);
    current.stderr.on("data", onError);
    current.send(task);
  });
}

/** What stays the same when an input becomes smaller: the words without numbers and names, and where it was thrown. */
function signatureOf(failure) {
  const [words, ...stack] = failure.split("\n");
  const place = stack.filter((line) => /^\s+at /.test(line) && !line.includes("node:")).slice(0, 2).map((line) => line.trim().replace(/.*[/\\]/, ""));
  return [words.replace(/'[^']*'|\d+/g, "_").slice(0, 60), ...place].join(" | ");
}

/** The input with as much left out as can be while it fails in the same way. */
async function smaller(target, input, signature) {
  let best = input;
  const end = performance.now() + SMALLER;
  for (let size = Math.ceil(best.length / 2); size >= 1 && performance.now() < end; ) {
    let changed = false;
    for (let from = 0; from < best.length && performance.now() < end; ) {
      const candidate = typeof best === "string" ? best.slice(0, from) + best.slice(from + size) : Buffer.concat([best.subarray(0, from), best.subarray(from + size)]);
      const { failure } = await run({ target, input: candidate });
      if (failure !== undefined && signatureOf(failure) === signature) {
        best = candidate;
        changed = true;
      } else from += size;
    }
    if (!changed || size > best.length) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return best;
}

function save(target, input) {
  const to = join(root, "test/fixtures/corpus", target);
  if (!existsSync(to)) mkdirSync(to, { recursive: true });
  const name = `${createHash("sha256").update(input).digest("hex").slice(0, 8)}.${typeof input === "string" ? "prototxt" : "bin"}`;
  writeFileSync(join(to, name), input);
  return `test/fixtures/corpus/${target}/${name}`;
}

/** The child, bundled; gives the targets it knows. */
async function build() {
  // The bundle lies elsewhere, but looks for fixtures from where its sources are.
  const home = join(root, "test/hostile/x.ts");
  const define = { "import.meta.url": JSON.stringify(pathToFileURL(home).href), "import.meta.dirname": JSON.stringify(join(root, "test/hostile")) };
  const common = { absWorkingDir: root, bundle: true, platform: "node", target: "node20", format: "esm", sourcemap: "inline", plugins: [protoFiles], define, logLevel: "warning", banner: { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' } };
  await esbuild.build({ ...common, entryPoints: ["test/hostile/fuzz-child.ts", "test/hostile/targets.ts"], outdir: folder, outExtension: { ".js": ".mjs" } });
  return (await import(pathToFileURL(join(folder, "targets.mjs")).href)).targets;
}
