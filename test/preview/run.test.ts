import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { difference } from "../../src/image/compare.ts";
import { readImage } from "../../src/image/image.ts";
import type { Provider } from "../../src/inference/messages.ts";
import { channelMeans, readBinaryProto } from "../../src/weights/blob-file.ts";
import { showOn } from "../../src/preview/board.ts";
import { exportAll } from "../../src/preview/export-all.ts";
import type { MapKind, Summary } from "../../src/preview/messages.ts";
import { openNet, readShapes } from "../../src/preview/open-net.ts";
import { loadPicture } from "../../src/preview/picture.ts";
import { Failure } from "../../src/text/failure.ts";
import type { FromEngine } from "../../src/preview/protocol.ts";
import type { Settled } from "../../src/preview/provider.ts";
import { startRun, type RunContext } from "../../src/preview/run.ts";
import { initialSettings } from "../../src/preview/settings.ts";
import { keepWarm, type Warm } from "../../src/preview/warm.ts";
import { inferenceEntry } from "../support/inference-entry.ts";
import { floats } from "../support/pack.ts";
import { samples } from "../support/segment-sample.ts";

const golden = floats(readFileSync(join(import.meta.dirname, "../fixtures/nuclei32/tissue-301x257.pixelwise.f32")));

/** A run over the sample in which the CPU stands in for every provider; what was asked of which is kept in `asked`. Trials lead to `best` once something is said. */
async function sampleRun(warm: Warm, best: Settled, when: (message: FromEngine) => boolean) {
  let found: (settled: Settled) => void = () => undefined;
  const trials = new Promise<Settled>((resolve) => { found = resolve; });
  const hear = (message: FromEngine): void => { if (when(message)) found(best); };
  const asked: { readonly model: string; readonly provider: Provider }[] = [];
  const told: string[] = [];
  const summary: Partial<Summary> = {};
  const board = showOn(hear, 1);
  board.begun();
  const net = join(samples, "deploy.prototxt");
  const opened = openNet(readShapes(readFileSync(net, "utf8"), { weights: "", dialect: "auto", customLayers: {} }), "");
  const mean = channelMeans(await readBinaryProto(join(samples, "mean.binaryproto")), "mean.binaryproto");
  const context: RunContext = {
    providers: { known: () => Promise.resolve(undefined), settle: () => trials },
    warm: { ...warm, session: (key, provider, build) => {
      asked.push({ model: key.split(" ").slice(1, -1).join(" ").trim(), provider });
      return warm.session(key, "cpu", build);
    } },
    board, opened, picture: await loadPicture(join(samples, "tissue-301x257.png"), 1), run: 1,
    settings: { ...initialSettings, weights: join(samples, "nuclei32.caffemodel"), mean, classIndex: 1, output: opened.classifier.output },
    signal: new AbortController().signal,
    post: hear,
    looking: () => undefined,
    phase: () => undefined,
    provider: ({ name }) => { told.push(name); },
    distrust: () => undefined,
    summary: (part) => { Object.assign(summary, part); },
  };
  return { context, asked, told, summary, map: (kind: MapKind) => board.map(kind)!.planes.get(1)! };
}

const webgpu: Settled = { name: "webgpu", skipped: [] };

let warm: Warm;
beforeEach(async () => { warm = keepWarm(await inferenceEntry()); });
afterEach(() => warm.close());

describe("the exact map", () => {
  test("begins on the CPU, and anew on the provider that trials lead to", async () => {
    const run = await sampleRun(warm, webgpu, (message) => message.type === "map" && message.kind === "exact");
    await startRun(run.context);
    const exact = run.asked.filter(({ model }) => /dilated|fragments|winograd/.test(model)).map(({ provider }) => provider);
    expect(exact).toEqual(["cpu", "webgpu"]);
    expect(run.told).toEqual(["cpu", "webgpu"]);
    expect(run.summary.simpleProvider).toBe("cpu");
    expect(difference(run.map("exact"), golden).largest).toBeLessThan(2e-5);
  });

  test("stays with the CPU where that is the best", async () => {
    const run = await sampleRun(warm, { name: "cpu", skipped: [{ name: "cuda", reason: "there is none" }] }, () => true);
    await startRun(run.context);
    expect(run.told).toEqual(["cpu", "cpu"]);
    expect(run.summary).not.toHaveProperty("simpleProvider");
    expect(difference(run.map("exact"), golden).largest).toBeLessThan(2e-5);
  });

  test("is not computed again where the trials take longer than it does", async () => {
    const run = await sampleRun(warm, webgpu, (message) => message.type === "finished" && message.kind === "exact");
    await startRun(run.context);
    expect(run.asked.every(({ provider }) => provider === "cpu")).toBe(true);
    expect(run.told).toEqual(["cpu"]);
    expect(difference(run.map("exact"), golden).largest).toBeLessThan(2e-5);
  });
});

test("an export of many images goes on with the CPU where a provider fails in the middle", async () => {
  const run = await sampleRun(warm, webgpu, () => true);
  const said: FromEngine[] = [];
  let left = 1;
  const failing: RunContext = {
    ...run.context,
    providers: { known: () => Promise.resolve(undefined), settle: () => Promise.resolve(webgpu) },
    warm: { ...run.context.warm, session: (key, provider, build) => {
      if (provider === "webgpu" && left-- === 0) return Promise.reject(new Failure("inference", "the device is lost"));
      return run.context.warm.session(key, provider, build);
    } },
    post: (message) => { said.push(message); },
  };
  const folder = mkdtempSync(join(tmpdir(), "exports-"));
  try {
    const files = ["first", "second", "third"].map((name) => ({ image: join(samples, "tissue-301x257.png"), name, path: join(folder, `${name}.png`) }));
    await exportAll(failing, files, { type: "export", kind: "exact", format: "png-grey", threshold: 0.5, opacity: 1, colourMap: "viridis" }, "nucleus");
    expect(run.asked.map(({ provider }) => provider)).toEqual(["webgpu", "cpu", "cpu"]);
    expect(run.told).toEqual(["cpu"]);
    expect(said.filter((message) => message.type === "notice").map(({ notice }) => notice.text)).toEqual(["3 maps of 3 images written."]);
    expect(readdirSync(folder).sort()).toEqual(["first.png", "second.png", "third.png"]);
    for (const { path } of files) expect(difference(Float32Array.from((await readImage(path)).data, (value) => value / 255), golden).largest).toBeLessThan(0.5 / 255 + 2e-5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an export that ends before its first image says so", async () => {
  const run = await sampleRun(warm, webgpu, () => true);
  const said: FromEngine[] = [];
  const stopped = new Failure("cancelled", "cancelled");
  const context: RunContext = { ...run.context, providers: { known: () => Promise.resolve(undefined), settle: () => Promise.reject(stopped) }, post: (message) => { said.push(message); } };
  const files = [{ image: join(samples, "tissue-301x257.png"), name: "first", path: join(tmpdir(), "never-written.png") }];
  await expect(exportAll(context, files, { type: "export", kind: "exact", format: "png-grey", threshold: 0.5, opacity: 1, colourMap: "viridis" }, "nucleus")).rejects.toBe(stopped);
  expect(said.filter((message) => message.type === "notice").map(({ notice }) => notice.text)).toEqual(["0 maps of 1 image written."]);
});
