import type * as Onnxruntime from "onnxruntime-node";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parentPort } from "node:worker_threads";
import { buildGraph } from "../onnx/builder.ts";
import { readOnnx, readOnnxFile } from "../onnx/read.ts";
import { onnxBytes } from "../onnx/write.ts";
import { inBlocks, mayStayInBlocks } from "./blocked-layout.ts";
import type { Answers, Filled, Planes, Provider, SessionOptions, Status, Tensors, ThreadReply, ThreadRequest, ValueInfo } from "./messages.ts";
import { physicalCores } from "./threads.ts";

const sessions = new Map<number, Onnxruntime.InferenceSession>();
let lastSession = 0;

/**
 * Runs models for the main thread of the inference process, one request after the other. The only file that loads onnxruntime.
 *
 * A run holds its thread from start to end; in a thread of its own it leaves the other one to read, fill and send.
 */
export async function runModels(): Promise<void> {
  try {
    const onnxruntime = await import("onnxruntime-node");
    // It matters to nobody whether that works: a model that is asked for says what is wrong.
    let before: Promise<void> = warmUp(onnxruntime).catch(() => undefined);
    // One after the other: a dispose must not overtake the run sent before it.
    parentPort!.on("message", (message: ThreadRequest) => {
      before = before.then(() => answer(onnxruntime, message));
    });
    send({ kind: "ready" });
  } catch (error) {
    send({ kind: "unusable", reason: reasonOf(error) });
  }
}

/** Loads a small model: the first of a process takes 70 ms longer than another does, and what is to be run is still being read. */
async function warmUp(onnxruntime: typeof Onnxruntime): Promise<void> {
  const graph = buildGraph("warm-up");
  const image = graph.input("image", [1, 3, 8, 8]);
  const seen = graph.node("Conv", [image, graph.weight("weights", new Float32Array(16 * 3), [16, 3, 1, 1])]);
  graph.output(graph.node("Sqrt", [seen]), [1, 16, 8, 8]);
  const { id } = await load(onnxruntime, onnxBytes(graph.finish()), { provider: "cpu" });
  await release(id);
}

async function release(id: number): Promise<void> {
  await sessionOf(id).release();
  sessions.delete(id);
}

async function answer(onnxruntime: typeof Onnxruntime, request: ThreadRequest): Promise<void> {
  const { id } = request;
  try {
    if (request.kind !== "filled") send({ kind: "done", id, answer: await serve(onnxruntime, request) });
    else {
      const planes = await classify(onnxruntime, sessionOf(request.session), request);
      // The buffer of an input goes back with the answer, to be filled again.
      send({ kind: "classified", id, planes, lent: request.data }, [request.data, planes.values]);
    }
  } catch (error) {
    if (request.kind === "filled") send({ kind: "failed", id, reason: reasonOf(error), lent: request.data }, [request.data]);
    else send({ kind: "failed", id, reason: reasonOf(error) });
  }
}

async function serve(onnxruntime: typeof Onnxruntime, request: Exclude<ThreadRequest, { readonly kind: "filled" }>): Promise<Answers[Exclude<keyof Answers, "classify">]> {
  switch (request.kind) {
    case "load":
      return load(onnxruntime, request.model, request.options);
    case "run":
      return run(onnxruntime, sessionOf(request.session), request.feeds, request.outputs);
    case "dispose":
      await release(request.session);
      return null;
    case "status":
      return status(onnxruntime);
  }
}

async function load(onnxruntime: typeof Onnxruntime, model: Uint8Array | string, options: SessionOptions): Promise<Answers["load"]> {
  // onnxruntime drops a provider it was built without and runs on the CPU.
  if (!compiledIn(onnxruntime).includes(options.provider)) {
    throw new Error(`onnxruntime for ${process.platform} ${process.arch} is built without it`);
  }
  const sessionOptions: Onnxruntime.InferenceSession.SessionOptions = {
    executionProviders: options.provider === "cpu" ? ["cpu"] : [options.provider, "cpu"],
    graphOptimizationLevel: options.optimisation ?? "all",
    intraOpNumThreads: options.threads ?? physicalCores(),
    // Without an arena the buffers of a run go back to the system, and are zeroed and mapped again page by page in the next: up to three times slower.
    enableCpuMemArena: true,
    // With it, the second run lays out anew in one block what the first had: pages to be mapped and zeroed twice, which takes longer than several runs.
    enableMemPattern: false,
    // Threads that wait for work while spinning take the cores from reading, decoding and writing, which go on beside a run.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    logSeverityLevel: 3,
  };
  const session =
    typeof model === "string"
      ? await onnxruntime.InferenceSession.create(model, sessionOptions)
      : ((await createInBlocks(onnxruntime, model, options, sessionOptions)) ?? (await onnxruntime.InferenceSession.create(model, sessionOptions)));
  const id = ++lastSession;
  sessions.set(id, session);
  return { id, inputs: session.inputMetadata.map(info), outputs: session.outputMetadata.map(info) };
}

/** A session whose values stay in the blocks that its convolutions work on; undefined where that is not to be had. */
async function createInBlocks(
  onnxruntime: typeof Onnxruntime, model: Uint8Array, { provider, optimisation = "all" }: SessionOptions, options: Onnxruntime.InferenceSession.SessionOptions,
): Promise<Onnxruntime.InferenceSession | undefined> {
  if (provider !== "cpu" || optimisation !== "all") return undefined;
  let folder: string | undefined;
  let plain: Onnxruntime.InferenceSession | undefined;
  try {
    if (!mayStayInBlocks(readOnnx(model))) return undefined;
    folder = await mkdtemp(join(tmpdir(), "netsurgeon-"));
    const file = join(folder, "optimised.onnx");
    plain = await onnxruntime.InferenceSession.create(model, { ...options, optimizedModelFilePath: file });
    const blocked = inBlocks(await readOnnxFile(file));
    if (blocked === undefined) return plain;
    const session = await onnxruntime.InferenceSession.create(onnxBytes(blocked), { ...options, graphOptimizationLevel: "disabled" });
    await plain.release();
    return session;
  } catch {
    // A disk that is full, or an operator that is not read here: it runs as it is.
    return plain;
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

function info(value: Onnxruntime.InferenceSession.ValueMetadata): ValueInfo {
  const { name } = value;
  return value.isTensor ? { name, type: value.type, shape: value.shape } : { name, type: "not a tensor", shape: [] };
}

async function run(
  onnxruntime: typeof Onnxruntime, session: Onnxruntime.InferenceSession, feeds: Tensors, outputs?: readonly string[],
): Promise<Answers["run"]> {
  const fed = Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, shape }]) => [name, new onnxruntime.Tensor(type, data as Float32Array, shape)]),
  );
  const start = performance.now();
  const results = await (outputs === undefined ? session.run(fed) : session.run(fed, [...outputs]));
  const seconds = (performance.now() - start) / 1000;
  const entries = Object.entries(results).map(([name, { type, dims, data }]) => [name, { type, shape: dims, data }] as const);
  return { outputs: Object.fromEntries(entries) as unknown as Tensors, seconds };
}

async function classify(onnxruntime: typeof Onnxruntime, session: Onnxruntime.InferenceSession, { data, shape, count, output: wanted, classIndex }: Filled): Promise<Planes> {
  const name = wanted ?? session.outputNames[0]!;
  const input = new onnxruntime.Tensor("float32", data, shape);
  const start = performance.now();
  const { [name]: output } = await session.run({ [session.inputNames[0]!]: input }, [name]);
  const seconds = (performance.now() - start) / 1000;
  if (output === undefined) throw new Error(`the net gives no output '${name}'`);
  return { values: planesOf(output, count, classIndex), shape: output.dims, type: output.type, seconds };
}

function planesOf({ data, dims }: Onnxruntime.Tensor, count: number, classIndex: number | "all"): Float32Array<ArrayBuffer> {
  const [batch = 0, classes = 0, height = 1, width = 1] = dims;
  const known = data instanceof Float32Array && (dims.length === 2 || dims.length === 4) && batch >= count;
  if (known && classIndex === "all") return Float32Array.from(data.subarray(0, count * classes * height * width));
  if (!known || classIndex === "all" || classIndex >= classes || !Number.isInteger(classIndex) || classIndex < 0) return new Float32Array(0);
  const plane = height * width;
  // A view would take the whole output with it on the way to the parent.
  const values = new Float32Array(count * plane);
  for (let i = 0; i < count; i++) {
    const from = (i * classes + classIndex) * plane;
    values.set(data.subarray(from, from + plane), i * plane);
  }
  return values;
}

function sessionOf(id: number): Onnxruntime.InferenceSession {
  const session = sessions.get(id);
  if (session === undefined) throw new Error(`no session ${id}`);
  return session;
}

function status(onnxruntime: typeof Onnxruntime): Status {
  return {
    compiledIn: compiledIn(onnxruntime),
    sessions: sessions.size,
    memory: process.memoryUsage.rss(),
    // maxRSS is in kilobytes on every system (libuv converts it).
    peakMemory: process.resourceUsage().maxRSS * 1024,
  };
}

function compiledIn(onnxruntime: typeof Onnxruntime): Provider[] {
  return onnxruntime.listSupportedBackends().map(({ name }) => name as Provider);
}

function send(reply: ThreadReply, arrays: readonly Float32Array<ArrayBuffer>[] = []): void {
  parentPort!.postMessage(reply, arrays.map(({ buffer }) => buffer));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
