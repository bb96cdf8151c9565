import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { startInference } from "../../src/inference/client.ts";
import { loadModel } from "../../src/inference/load-model.ts";
import { chooseProvider, compiledProviders, probeProvider, providerChoices } from "../../src/inference/providers.ts";
import { runMap } from "../../src/inference/run-map.ts";
import type { Failure } from "../../src/text/failure.ts";
import { inferenceEntry } from "../support/inference-entry.ts";
import { geometryOf, patchNetModel, randomImage } from "../support/patch-net.ts";
import { hasSoftwareDevice, softwareDevice } from "../support/software-device.ts";

let entry: string;
beforeAll(async () => {
  entry = await inferenceEntry();
});

const onnxruntime = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
const cuda = join(onnxruntime, "bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so");
/** onnxruntime-node for Linux on x64 is built for CUDA, whose libraries are installed apart. */
const lacksCuda = process.platform === "linux" && process.arch === "x64" && !existsSync(cuda);

test("the CPU works, and is timed", async () => {
  const probe = await probeProvider(entry, "cpu");
  expect(probe).toMatchObject({ works: true });
  expect(await compiledProviders(entry)).toContain("cpu");
  expect(await chooseProvider(entry, "cpu")).toEqual({ provider: "cpu", skipped: [] });
});

test("a provider that this onnxruntime is built without is refused, not replaced by the CPU", async () => {
  const lacking = process.platform === "win32" ? "coreml" : "dml";
  const failure = await chooseProvider(entry, lacking).then(() => undefined, (error: unknown) => error as Failure);
  expect(failure?.kind).toBe("inference");
  expect(failure?.message).toBe(
    `the execution provider '${lacking}' does not work here: onnxruntime for ${process.platform} ${process.arch} is built without it.`,
  );
});

test.runIf(lacksCuda)("CUDA without its libraries is refused by name, and skipped with the reason by auto", async () => {
  const reason = "its libraries are not installed (libonnxruntime_providers_shared.so is missing)";
  const failure = await chooseProvider(entry, "cuda").then(() => undefined, (error: unknown) => error as Failure);
  expect(failure?.message).toBe(`the execution provider 'cuda' does not work here: ${reason}.`);
  vi.stubEnv("VK_ICD_FILENAMES", "/no/such/device.json");
  const choice = await chooseProvider(entry, "auto");
  vi.unstubAllEnvs();
  expect(choice.provider).toBe("cpu");
  expect(choice.skipped).toContainEqual({ provider: "cuda", reason });
  expect(choice.skipped.map(({ provider }) => provider)).toContain("webgpu");
});

test("a probe that is cancelled says so", async () => {
  const stop = new AbortController();
  const probing = chooseProvider(entry, "auto", stop.signal).then(() => undefined, (error: unknown) => error as Failure);
  stop.abort();
  expect((await probing)?.kind).toBe("cancelled");
});

test("every provider can be asked for", () => {
  expect(providerChoices).toEqual(expect.arrayContaining(["auto", "cpu"]));
});

test.runIf(hasSoftwareDevice)("a graphics device computes the same map", async () => {
  const square = (side: number) => ({ height: side, width: side });
  const net = { channels: 3, classes: 2, conv1: square(3), pool: square(2), conv2: square(3) };
  const inference = await startInference(entry, { env: { VK_ICD_FILENAMES: softwareDevice } });
  const maps: Float32Array[] = [];
  for (const provider of ["cpu", "webgpu"] as const) {
    const session = await loadModel(inference, patchNetModel(net, square(24)), { provider });
    const preprocessing = { channels: "bgr", mean: [120], scale: 0.02 } as const;
    const request = { inference, session, geometry: geometryOf(net), image: randomImage(30, 26, 3), preprocessing, classIndex: 0 };
    maps.push(await runMap(request, "advanced"));
  }
  await inference.close();
  const [cpu, webgpu] = maps as [Float32Array, Float32Array];
  const difference = Math.max(...cpu.map((value, i) => Math.abs(value - webgpu[i]!)));
  expect(difference).toBeLessThan(1e-4);
  // Another device rounds otherwise; no difference at all would mean that the CPU did it.
  expect(difference).toBeGreaterThan(0);
  expect(Math.max(...cpu) - Math.min(...cpu)).toBeGreaterThan(0.05);
});
