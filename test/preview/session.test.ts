import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fromFile } from "geotiff";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MapKind, Settings, State } from "../../src/preview/messages.ts";
import type { FromEngine, NetReading, ToEngine } from "../../src/preview/protocol.ts";
import { startEngine, type Engine } from "../../src/preview/session.ts";
import { difference } from "../../src/image/compare.ts";
import { tilePixels } from "../../webview/pictures.ts";
import { inferenceEntry } from "../support/inference-entry.ts";
import { floats } from "../support/pack.ts";
import { samples } from "../support/segment-sample.ts";

let entry: string;
beforeAll(async () => { entry = await inferenceEntry(); });

const net = join(samples, "deploy.prototxt");
const small = join(samples, "tissue-301x257.png");
const golden = floats(readFileSync(join(import.meta.dirname, "../fixtures/nuclei32/tissue-301x257.pixelwise.f32")));

/** An engine with what it says, as a webview would keep it. */
interface Preview extends Engine {
  readonly said: FromEngine[];
  state(): State;
  /** A map put together from its tiles; values that have not come are NaN. */
  map(kind: MapKind): Float32Array;
  /** The message that satisfies the condition, once it comes. */
  until<T extends FromEngine["type"]>(type: T, condition?: (message: Extract<FromEngine, { type: T }>) => boolean): Promise<Extract<FromEngine, { type: T }>>;
  notices(): string[];
}

let open: Preview | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

function preview(remembered: Partial<Settings> = {}, text = readFileSync(net, "utf8"), file = net, reading: NetReading = { weights: "", dialect: "auto", customLayers: {} }, isThere = true): Preview {
  const said: FromEngine[] = [];
  const maps = new Map<MapKind, { width: number; values: Float32Array }>();
  let listeners: ((message: FromEngine) => void)[] = [];
  const engine = startEngine(entry, (message) => {
    said.push(message);
    if (message.type === "image") maps.clear();
    if (message.type === "map") maps.set(message.kind, { width: message.width, values: new Float32Array(message.width * message.height).fill(NaN) });
    if (message.type === "tile") {
      const { width, values } = maps.get(message.kind)!;
      const pixels = tilePixels(message);
      for (let row = 0; row < message.height; row++) values.set(pixels.subarray(row * message.width, (row + 1) * message.width), (message.top + row) * width + message.left);
    }
    for (const listener of listeners) listener(message);
  });
  const result: Preview = {
    ...engine,
    get inferencePid() { return engine.inferencePid; },
    said,
    state: () => said.filter((message) => message.type === "state").at(-1)!.state,
    map: (kind) => maps.get(kind)?.values ?? new Float32Array(),
    until: (type, condition = () => true) =>
      new Promise((resolve) => {
        const listener = (message: FromEngine): void => {
          if (message.type !== type || !condition(message as never)) return;
          listeners = listeners.filter((other) => other !== listener);
          resolve(message as never);
        };
        listeners.push(listener);
      }),
    notices: () => said.filter((message) => message.type === "notice").map(({ notice }) => notice.text),
  };
  engine.receive({ type: "open", net: file, uri: `file://${file}`, text, reading, remembered: { provider: "cpu", ...remembered } });
  if (isThere) engine.receive({ type: "ready" });
  open = result;
  return result;
}

async function finished(remembered: Partial<Settings> = {}): Promise<Preview> {
  const shown = preview({ image: small, ...remembered });
  await shown.idle();
  return shown;
}

function send(shown: Preview, ...messages: ToEngine[]): Promise<void> {
  for (const message of messages) shown.receive(message);
  return shown.idle();
}

describe("a run on the sample", () => {
  test("finds its inputs, shows simple and exact, and exact is what Caffe computes", async () => {
    const shown = await finished();
    const { net: info, settings, image, phase, summary, missing } = shown.state();
    expect(info).toMatchObject({ name: "nuclei32", given: "patch", patch: [32, 32], stride: [4, 4], labels: ["background", "nucleus"], displacements: [1, 2] });
    expect(settings).toMatchObject({ weights: join(samples, "nuclei32.caffemodel"), meanFile: join(samples, "mean.binaryproto"), channels: "bgr", classIndex: 1 });
    expect(image).toMatchObject({ name: "tissue-301x257.png", width: 301, height: 257 });
    expect({ phase, missing, notices: shown.notices() }).toEqual({ phase: "idle", missing: [], notices: [] });
    expect(difference(shown.map("exact"), golden).largest).toBeLessThan(2e-5);
    const onGrid = (values: Float32Array): Float32Array => values.filter((_, i) => (i % 301) % 4 === 0 && Math.floor(i / 301) % 4 === 0);
    expect(difference(onGrid(shown.map("simple")), onGrid(golden)).largest).toBeLessThan(2e-5);
    expect(difference(shown.map("simple"), golden).mean).toBeLessThan(0.05);
    expect(summary!.exactSeconds).toBeGreaterThan(0);
    expect(summary!.speedUp).toBeGreaterThan(1);
    expect(summary!.memory).toBeGreaterThan(1e7);
  });

  test("another class is shown from what is there, and a pixel tells both", async () => {
    const shown = await finished();
    const runs = shown.said.filter((message) => message.type === "finished").length;
    await send(shown, { type: "set", settings: { classIndex: 0 } });
    expect(difference(shown.map("exact"), golden.map((value) => 1 - value)).largest).toBeLessThan(2e-5);
    const answer = shown.until("probed");
    shown.receive({ type: "probe", x: 200, y: 100 });
    const { values } = await answer;
    expect(values.exact![1]).toBeCloseTo(golden[100 * 301 + 200]!, 4);
    expect(values.exact![0]! + values.exact![1]!).toBeCloseTo(1, 5);
    expect(shown.said.filter((message) => message.type === "finished").length).toBe(runs);
  });

  test("the patch classifier agrees with exact at random pixels", async () => {
    const shown = await finished();
    const answer = shown.until("verified");
    await send(shown, { type: "verify", pixels: 40 });
    const { exact, simple, pixels } = await answer;
    expect(pixels).toBe(40);
    expect(exact!.largest).toBeLessThan(2e-5);
    expect(simple!.largest).toBeGreaterThanOrEqual(exact!.largest);
  });
});

describe("many images", () => {
  const request = { type: "export", format: "tiff-float", kind: "exact", threshold: 0.5, colourMap: "viridis", opacity: 0.5 } as const;
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "maps-")); });
  afterEach(() => { rmSync(folder, { recursive: true }); });
  const file = (image: string): { image: string; name: string; path: string } => ({ image, name: basename(image), path: join(folder, `${basename(image)}.tif`) });

  test("each is computed and written, the picture in view stays; one that cannot be read is named and left out", async () => {
    const shown = await finished();
    const before = shown.map("exact");
    const broken = join(folder, "broken.png");
    writeFileSync(broken, "no picture");
    await send(shown, { type: "writeAll", files: [broken, small, join(samples, "tissue-512.png")].map(file), request });
    const values = async (image: string): Promise<Float32Array> => (await (await (await fromFile(file(image).path)).getImage()).readRasters())[0] as Float32Array;
    expect(difference(await values(small), golden).largest).toBeLessThan(2e-5);
    expect((await values(join(samples, "tissue-512.png"))).length).toBe(512 * 512);
    expect(readdirSync(folder).sort()).toEqual(["broken.png", "tissue-301x257.png.tif", "tissue-512.png.tif"]);
    expect(shown.notices()).toEqual([expect.stringMatching(/^2 maps of 3 images written\. .*broken\.png: is not a picture/)]);
    expect(shown.map("exact")).toBe(before);
    const parts = shown.said.filter((message) => message.type === "batch").map(({ done, count, part }) => (done + part) / count);
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect([parts[0], parts.at(-1)]).toEqual([0, 1]);
    expect(shown.state().phase).toBe("idle");
  });

  test("cancelled between, what is written stays whole and is counted", async () => {
    const shown = await finished();
    const second = shown.until("batch", ({ done, part }) => done === 1 && part > 0);
    shown.receive({ type: "writeAll", files: [small, join(samples, "tissue-512.png")].map(file), request });
    await second;
    shown.receive({ type: "cancel" });
    await shown.idle();
    await expect.poll(() => shown.notices()).toEqual(["1 map of 2 images written."]);
    expect(readdirSync(folder)).toEqual(["tissue-301x257.png.tif"]);
  });
});

describe("settings of the workspace that change", () => {
  const reading = { weights: "", dialect: "auto", customLayers: {} };

  test("a picture that a limit kept out comes in when it is raised, and is computed", async () => {
    const shown = preview({ image: small }, readFileSync(net, "utf8"), net, { ...reading, limits: { previewPixels: 10_000 } });
    await shown.idle();
    expect([shown.state().image, shown.map("exact").length, shown.notices().length]).toEqual([undefined, 0, 1]);
    expect(shown.notices()[0]).toContain("the preview shows up to 10.0 k");
    await send(shown, { type: "reading", reading: { ...reading, limits: { previewPixels: 100_000 } } });
    expect(difference(shown.map("exact"), golden).largest).toBeLessThan(2e-5);
  });

  test("a model that a setting names is found, and computed with", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bare-"));
    try {
      const bare = join(folder, "deploy.prototxt");
      writeFileSync(bare, readFileSync(net));
      const shown = preview({ image: small, mean: [0, 0, 0] }, readFileSync(net, "utf8"), bare);
      await shown.idle();
      expect(shown.state().missing).toEqual(["weights"]);
      await send(shown, { type: "reading", reading: { ...reading, weights: join(samples, "nuclei32.caffemodel") } });
      expect([shown.state().missing, shown.state().phase, shown.map("exact").length]).toEqual([[], "idle", 301 * 257]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what interrupts a run", () => {
  test("cancel ends it at once, and the next run is whole", async () => {
    const shown = preview({ image: join(samples, "tissue-512.png") });
    await shown.until("tile", ({ kind }) => kind === "exact");
    const idle = shown.until("state", ({ state }) => state.phase === "idle");
    shown.receive({ type: "cancel" });
    await idle;
    await shown.idle();
    expect(shown.map("exact").some(Number.isNaN)).toBe(true);
    await send(shown, { type: "set", settings: { image: small } });
    expect(difference(shown.map("exact"), golden).largest).toBeLessThan(2e-5);
    expect(shown.notices()).toEqual([]);
  });

  test("the exact map waits for a webview that is not there yet", async () => {
    const shown = preview({ image: small }, undefined, undefined, undefined, false);
    await shown.until("finished", ({ kind }) => kind === "simple");
    const probed = shown.until("probed");
    shown.receive({ type: "probe", x: 0, y: 0 });
    await probed;
    expect(shown.state().phase).toBe("simple");
    shown.receive({ type: "ready" });
    await shown.until("finished", ({ kind }) => kind === "exact");
    await shown.idle();
    expect(difference(shown.map("exact"), golden).largest).toBeLessThan(2e-5);
  });

  test("an inference process that dies is reported with what to do, and the next run is whole", async () => {
    const shown = preview({ image: small });
    await shown.until("tile", ({ kind }) => kind === "simple");
    process.kill(shown.inferencePid!, "SIGKILL");
    await shown.idle();
    const notice = shown.said.find((message) => message.type === "notice")?.notice;
    expect(notice).toMatchObject({ level: "error", text: expect.stringContaining("killed") as string, advice: expect.stringContaining("run again") as string });
    await send(shown, { type: "run" });
    expect(difference(shown.map("exact"), golden).largest).toBeLessThan(2e-5);
  });

  test("where the user looks is computed first", async () => {
    const shown = preview({ image: join(samples, "tissue-512.png") });
    shown.receive({ type: "looking", left: 400, top: 400, width: 80, height: 80, scale: 4 });
    const { left, top } = await shown.until("tile", ({ kind }) => kind === "exact");
    expect([left > 100, top > 100]).toEqual([true, true]);
    shown.receive({ type: "cancel" });
  });
});

describe("qualities beside exact", () => {
  test("a displacement of 2 is exact at every second pixel and close between", async () => {
    const shown = await finished({ displacement: 2 });
    const onGrid = (values: Float32Array): Float32Array => values.filter((_, i) => (i % 301) % 2 === 0 && Math.floor(i / 301) % 2 === 0);
    const map = shown.map("exact");
    expect(difference(onGrid(map), onGrid(golden)).largest).toBeLessThan(2e-5);
    const { mean } = difference(map, golden);
    expect(mean).toBeGreaterThan(0);
    expect(mean).toBeLessThan(difference(shown.map("simple"), golden).mean);
  });

  test("runs with dropout give a mean near exact and a variance, the same for the same seed", async () => {
    const wished = { dropoutRuns: 8, dropoutSeed: 3 };
    const shown = await finished(wished);
    const [mean, variance] = [shown.map("mean"), shown.map("variance")];
    expect(difference(mean, golden).mean).toBeLessThan(0.1);
    expect(difference(mean, golden).largest).toBeGreaterThan(0.001);
    expect(variance.every((value) => value >= 0 && value <= 0.5)).toBe(true);
    expect(Math.max(...variance.slice(0, 50_000))).toBeGreaterThan(0.001);
    await send(shown, { type: "run" });
    expect(difference(shown.map("mean"), mean).largest).toBe(0);
    await send(shown, { type: "set", settings: { dropoutSeed: 4 } });
    expect(difference(shown.map("mean"), mean).largest).toBeGreaterThan(0);
  });

  test("another layer's output is shown with its own range", async () => {
    const shown = await finished({ output: "fc8-conv", classIndex: 1 });
    const { range } = shown.said.filter((message) => message.type === "map").findLast(({ kind }) => kind === "exact")!;
    const map = shown.map("exact");
    expect(range![0]).toBeLessThan(0);
    expect(range![1]).toBeGreaterThan(1);
    await send(shown, { type: "set", settings: { classIndex: 0 } });
    const other = shown.map("exact");
    // Softmax of both scores is the probability.
    expect(difference(map.map((score, i) => 1 / (1 + Math.exp(other[i]! - score))), golden).largest).toBeLessThan(2e-4);
  });

  test("a layer in the middle sees its own field", async () => {
    const shown = await finished({ output: "pool1" });
    expect(shown.state().net).toMatchObject({ patch: [6, 6], stride: [2, 2], labels: expect.arrayContaining(["channel 31"]) as string[] });
    expect(shown.map("exact").some(Number.isNaN)).toBe(false);
    expect(shown.notices()).toEqual([]);
  });

  test("half the size gives a map of half the size", async () => {
    const shown = await finished({ resize: 0.5 });
    expect(shown.state().image).toMatchObject({ width: 151, height: 129 });
    expect(shown.map("exact").length).toBe(151 * 129);
  });
});
