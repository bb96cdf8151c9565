import { buildGraph } from "../onnx/builder.ts";
import { onnxBytes } from "../onnx/write.ts";
import { Failure } from "../text/failure.ts";
import { duration } from "../text/words.ts";
import { stopIfAborted } from "./abort.ts";
import { startInference } from "./client.ts";
import type { Inference } from "./client.ts";
import type { Provider } from "./messages.ts";
import { providerWords } from "./provider-failure.ts";

/** What a user may ask for. */
export const providerChoices: readonly (Provider | "auto")[] = ["auto", "cpu", "cuda", "tensorrt", "dml", "coreml", "webgpu"];

/** The execution provider to use, and those that were looked at before it with why they are not used. */
export interface ProviderChoice {
  readonly provider: Provider;
  readonly skipped: readonly { readonly provider: Provider; readonly reason: string }[];
}

/** Whether a provider computes: the time of a small convolution on it, or why not. */
export type Probe = { readonly works: true; readonly seconds: number } | { readonly works: false; readonly reason: string };

/**
 * What `auto` looks at, best first. TensorRT is not among them: it compiles a net for minutes before its first run,
 * which is for the user to choose.
 */
const automatic: readonly Provider[] = ["cuda", "dml", "coreml", "webgpu"];

/**
 * The provider that a request leads to; `entry` is the bundled inference process.
 *
 * `auto` takes the first that works and is faster than the CPU, else the CPU. A provider asked for by name that does not work
 * is a Failure "inference" with the reason; nothing is replaced in silence. `compiled` tells what onnxruntime was built with.
 */
export async function chooseProvider(
  entry: string, requested: Provider | "auto", signal?: AbortSignal, compiled: () => Promise<readonly Provider[]> = () => compiledProviders(entry, signal),
): Promise<ProviderChoice> {
  if (requested === "cpu") return { provider: "cpu", skipped: [] };
  if (requested !== "auto") {
    const probe = await probeProvider(entry, requested, signal);
    if (probe.works) return { provider: requested, skipped: [] };
    throw new Failure("inference", `the execution provider '${requested}' does not work here: ${probe.reason}.`, {
      advice: "Choose 'cpu', or 'auto' for the fastest that works.",
    });
  }
  const compiledIn = await compiled();
  const candidates = automatic.filter((provider) => compiledIn.includes(provider));
  const probes = await Promise.all(candidates.map((provider) => probeProvider(entry, provider, signal)));
  // Measured alone: beside the probes of the others it would seem slow.
  const cpu = probes.some((probe) => probe.works) ? await probeProvider(entry, "cpu", signal) : undefined;
  const limit = cpu?.works === true ? cpu.seconds : Infinity;
  const skipped: { provider: Provider; reason: string }[] = [];
  for (const [i, provider] of candidates.entries()) {
    const probe = probes[i]!;
    if (probe.works && probe.seconds < limit) return { provider, skipped };
    skipped.push({ provider, reason: probe.works ? slower(probe.seconds, limit) : probe.reason });
  }
  return { provider: "cpu", skipped };
}

/** The providers this onnxruntime was built with; their libraries or devices may still be missing. */
export async function compiledProviders(entry: string, signal?: AbortSignal): Promise<readonly Provider[]> {
  const inference = await startInference(entry, { signal });
  try {
    return (await inference.status()).compiledIn;
  } finally {
    await inference.close();
  }
}

/** Longest time a provider may take to compute its first result; drivers that compile their kernels take up to 20 s. */
const patience = 60_000;

/** Tries a provider in a process of its own, which a broken driver may take down without harm. */
export async function probeProvider(entry: string, provider: Provider, signal?: AbortSignal): Promise<Probe> {
  stopIfAborted(signal);
  const timeout = AbortSignal.timeout(patience);
  let inference: Inference | undefined;
  let failure: Failure;
  try {
    inference = await startInference(entry, { background: true, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) });
    return { works: true, seconds: await timeConvolution(inference, provider) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failure = error;
  } finally {
    await inference?.close();
  }
  stopIfAborted(signal);
  if (timeout.aborted) return { works: false, reason: `it gave no result within ${duration(patience / 1000)}` };
  return { works: false, reason: reasonFor(providerWords(failure), inference?.lastWords() ?? "") };
}

const channels = 64;
const side = 128;

/** A single 3 x 3 convolution, 1.2 GFLOP, whose result is known: every inner output is the mean of its inputs. */
function probeModel(): Uint8Array {
  const graph = buildGraph("probe");
  const data = graph.input("data", [1, channels, side, side]);
  const fan = channels * 9;
  const weights = graph.weight("weights", new Float32Array(channels * fan).fill(1 / fan), [channels, channels, 3, 3]);
  graph.output(graph.node("Conv", [data, weights], {}, "mean"), [1, channels, side - 2, side - 2]);
  return onnxBytes(graph.finish());
}

async function timeConvolution(inference: Inference, provider: Provider): Promise<number> {
  const session = await inference.load(probeModel(), { provider });
  const data = { type: "float32", shape: [1, channels, side, side], data: new Float32Array(channels * side * side).fill(2) } as const;
  let best = Infinity;
  // The first run includes compiling kernels; a device that then still takes so long will not win by another try.
  for (let run = 0; run < 3 && (run < 2 || best < 0.5); run++) {
    const { outputs, seconds } = await inference.run(session, { data });
    const mean = outputs["mean"]?.data as Float32Array;
    if (!mean.every((value) => Math.abs(value - 2) < 1e-2)) throw new Failure("inference", "it computes wrong results");
    best = Math.min(best, seconds);
  }
  return best;
}

function slower(seconds: number, cpu: number): string {
  return `it works, but is slower than the CPU here (${duration(seconds)} against ${duration(cpu)} for a test convolution)`;
}

/** onnxruntime's reason in one clause, without the places in its source; `output` names the library where a library is missing. */
function reasonFor(message: string, output: string): string {
  const missing = /with error: (?:\S*\/)?([^/\s:]+\.(?:so|dll|dylib)[^\s:]*): cannot open shared object file/.exec(output)?.[1];
  if (missing !== undefined) return `its libraries are not installed (${missing} is missing)`;
  if (/No supported adapters|Failed to get a WebGPU adapter/i.test(message)) {
    const vulkan = output.includes("libvulkan.so") ? " (libvulkan.so.1 is missing)" : "";
    return `no graphics adapter was found${vulkan}`;
  }
  const clause = message.split("\n", 1)[0]!.replace(/^.*was false\. /, "").replace(/^\/\S+:\d+ .*?\) /, "");
  return clause.replace(/\.$/, "");
}
