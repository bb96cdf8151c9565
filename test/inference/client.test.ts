import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startInference } from "../../src/inference/client.ts";
import type { Inference } from "../../src/inference/client.ts";
import { loadModel } from "../../src/inference/load-model.ts";
import type { Tensors } from "../../src/inference/messages.ts";
import { buildGraph } from "../../src/onnx/builder.ts";
import { onnxBytes } from "../../src/onnx/write.ts";
import { sentence } from "../../src/text/failure.ts";
import type { Failure } from "../../src/text/failure.ts";
import { inferenceEntry } from "../support/inference-entry.ts";
import { isRunning } from "../support/processes.ts";

let entry: string;
let inference: Inference;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "client-"));
  entry = await inferenceEntry();
  inference = await startInference(entry);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await inference.close();
});

/** x times itself, `times` over; a matrix of 1,024 x 1,024 makes each 2 GFLOP. */
function powerModel(times: number) {
  const graph = buildGraph("power");
  let x = graph.input("x", ["n", "n"]);
  for (let i = 0; i < times; i++) x = graph.node("MatMul", ["x", x]);
  graph.output(x, ["n", "n"]);
  return onnxBytes(graph.finish());
}

const matrix = (n: number): Tensors => ({ x: { type: "float32", shape: [n, n], data: new Float32Array(n * n).fill(1 / n) } });

/** How a call was refused: kind and sentence. */
async function failureOf(call: Promise<unknown>): Promise<{ kind: string; says: string }> {
  const failure = await call.then(() => { throw new Error("it did not fail"); }, (error: unknown) => error as Failure);
  return { kind: failure.kind, says: sentence(failure) };
}

test("a model is loaded, described, run and freed", async () => {
  const session = await inference.load(powerModel(1), { provider: "cpu" });
  expect(session.inputs).toEqual([{ name: "x", type: "float32", shape: ["n", "n"] }]);
  expect(session.outputs).toEqual([{ name: "matmul", type: "float32", shape: ["n", "n"] }]);
  const { outputs, seconds } = await inference.run(session, { x: { type: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } });
  expect(outputs["matmul"]).toEqual({ type: "float32", shape: [2, 2], data: Float32Array.of(7, 10, 15, 22) });
  expect(seconds).toBeGreaterThan(0);
  const before = await inference.status();
  expect(before.compiledIn).toContain("cpu");
  expect(before.peakMemory).toBeGreaterThanOrEqual(before.memory / 2);
  await inference.dispose(session);
  expect((await inference.status()).sessions).toBe(before.sessions - 1);
});

test("freeing does not overtake the runs before it", async () => {
  const session = await inference.load(powerModel(2), { provider: "cpu" });
  const runs = [1, 2, 3].map((n) => inference.run(session, matrix(n)));
  await inference.dispose(session);
  expect((await Promise.all(runs)).map(({ outputs }) => outputs["matmul_1"]?.shape)).toEqual([[1, 1], [2, 2], [3, 3]]);
  expect(await failureOf(inference.run(session, matrix(1)))).toMatchObject({ kind: "inference" });
});

test.each([
  { name: "bytes that are no model", load: () => inference.load(new Uint8Array(50).fill(7), { provider: "cpu" }), says: /./ },
  { name: "a file that is not there", load: () => inference.load("/no/such/net.onnx", { provider: "cpu" }), says: /net\.onnx/ },
  {
    name: "a provider that this onnxruntime lacks",
    load: () => inference.load(powerModel(1), { provider: process.platform === "win32" ? "coreml" : "dml" }),
    says: /^the execution provider '(dml|coreml)' failed loading the net: .* is built without it\. Choose the execution provider 'cpu' \(--provider cpu\), then run again\.$/,
  },
])("$name is refused with the reason, and the process lives on", async ({ load, says }) => {
  const failure = await failureOf(load());
  expect(failure.kind).toBe("inference");
  expect(failure.says).toMatch(says);
  expect((await inference.status()).sessions).toBeGreaterThanOrEqual(0);
});

test("a process killed during a run says so, with what to do, and another can be started", async () => {
  const victim = await startInference(entry);
  const session = await victim.load(powerModel(300), { provider: "cpu" });
  const running = failureOf(victim.run(session, matrix(1024)));
  const waiting = failureOf(victim.status());
  process.kill(victim.pid, "SIGKILL");
  const killed = {
    kind: "inference",
    says:
      "the inference process was killed (SIGKILL); most often the memory has run out. " +
      "Close other programs or choose smaller tiles, then run again.",
  };
  expect(await running).toEqual(killed);
  expect(await waiting).toEqual(killed);
  expect(await failureOf(victim.status())).toEqual(killed);
  await victim.close();

  const next = await startInference(entry);
  const { outputs } = await next.run(await next.load(powerModel(1), { provider: "cpu" }), matrix(4));
  expect(outputs["matmul"]?.data[0]).toBeCloseTo(0.25);
  await next.close();
});

test("a process that ends by itself is reported with its last words", async () => {
  const crash = "process.on('message', () => { console.error('terminate called after throwing std::bad_alloc'); process.exit(3); });";
  const script = join(folder, "entry.cjs");
  const dying = (code: string) => {
    writeFileSync(script, code);
    return startInference(script);
  };
  const first = await dying(`process.send({ kind: "ready" }); ${crash}`);
  expect((await failureOf(first.status())).says).toBe("the inference process ran out of memory. Choose smaller tiles, then run again.");
  expect((await failureOf(dying("console.error('no such library'); process.exit(4)"))).says).toMatch(
    /^the inference process ended with exit code 4: no such library\. /,
  );
  expect((await failureOf(dying("process.send({ kind: 'unusable', reason: 'Cannot find module x.node' })"))).says).toMatch(
    /^onnxruntime could not be loaded: Cannot find module x\.node\. It has builds for /,
  );
});

test("a provider that fails in a run is named, with the way out", async () => {
  const script = join(folder, "cuda.cjs");
  writeFileSync(script, `
    process.send({ kind: "ready" });
    process.on("message", ({ kind, id }) => process.send(kind === "load"
      ? { kind: "done", id, answer: { id: 1, inputs: [], outputs: [] } }
      : { kind: "failed", id, reason: "CUDA error 700: an illegal memory access was encountered" }));`);
  const failing = await startInference(script);
  const session = await failing.load(new Uint8Array(1), { provider: "cuda" });
  expect(await failureOf(failing.run(session, matrix(1)))).toEqual({
    kind: "inference",
    says: "the execution provider 'cuda' failed running the net: CUDA error 700: an illegal memory access was encountered. " +
      "Choose the execution provider 'cpu' (--provider cpu), then run again.",
  });
  await failing.close();
});

test("a signal ends the process during a run; calls are cancelled", async () => {
  const stop = new AbortController();
  const stopped = await startInference(entry, { signal: stop.signal });
  const session = await stopped.load(powerModel(300), { provider: "cpu" });
  const running = failureOf(stopped.run(session, matrix(1024)));
  stop.abort();
  expect((await running).kind).toBe("cancelled");
  expect((await failureOf(stopped.status())).kind).toBe("cancelled");
  await stopped.close();
  expect(() => process.kill(stopped.pid, 0)).toThrow("ESRCH");
  expect((await failureOf(startInference(entry, { signal: stop.signal }))).kind).toBe("cancelled");
});

test("large models go through a file that is gone afterwards", async () => {
  const ours = () => readdirSync(tmpdir()).filter((name) => name.startsWith("netsurgeon-"));
  const before = ours();
  const graph = buildGraph("large");
  const x = graph.input("x", [1, 2200]);
  graph.output(graph.node("MatMul", [x, graph.weight("w", new Float32Array(2200 * 2200).fill(1), [2200, 2200])], {}, "y"), [1, 2200]);
  const session = await loadModel(inference, graph.finish(), { provider: "cpu" });
  expect(ours().filter((name) => !before.includes(name))).toEqual([]);
  const { outputs } = await inference.run(session, { x: { type: "float32", shape: [1, 2200], data: new Float32Array(2200).fill(0.5) } });
  expect(outputs["y"]?.data[7]).toBe(1100);
  await inference.dispose(session);
});

test("the process does not outlive the one that started it", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { startInference } from "./src/inference/client.ts";
        startInference(process.argv[1]).then((inference) => console.log(inference.pid));`,
      resolveDir: new URL("../..", import.meta.url).pathname,
      loader: "ts",
    },
    bundle: true, format: "cjs", platform: "node", write: false,
  });
  const parent = spawn(process.execPath, ["-e", outputFiles[0]!.text, entry], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (line: Buffer) => { resolve(Number(line)); }));
  expect(process.kill(pid, 0)).toBe(true);
  parent.kill("SIGKILL");
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
});
