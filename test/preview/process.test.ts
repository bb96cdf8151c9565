import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { startEngineProcess, type EngineProcess } from "../../src/preview/client.ts";
import { contentOf, pack, unpack } from "../../src/preview/parcel.ts";
import type { FromEngine } from "../../src/preview/protocol.ts";
import { previewEntry } from "../support/inference-entry.ts";
import { childrenOf, isRunning } from "../support/processes.ts";
import { samples } from "../support/segment-sample.ts";

let entry: string;
beforeAll(async () => { entry = await previewEntry(); });

let running: EngineProcess | undefined;
afterEach(() => { running?.close(); });

/** An engine in its process with the sample net, and what it says. */
function start(resize = 1) {
  const said: FromEngine[] = [];
  let tell: () => void = () => undefined;
  let end: (reason: readonly [reason: string, lastWords: string]) => void;
  const ended = new Promise<readonly [reason: string, lastWords: string]>((resolve) => { end = resolve; });
  const engine = startEngineProcess(entry, (message) => {
    said.push(message);
    tell();
  }, (...why) => { end(why); });
  running = engine;
  const net = join(samples, "deploy.prototxt");
  const reading = { weights: "", dialect: "auto", customLayers: {} };
  engine.send({ type: "open", net, uri: `file://${net}`, text: readFileSync(net, "utf8"), reading, remembered: { image: join(samples, "tissue-301x257.png"), provider: "cpu", resize } });
  const until = (condition: (message: FromEngine) => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => { if (said.some(condition)) resolve(); };
      tell = look;
      look();
    });
  return { engine, said, until, ended };
}

/** Settled once a process has ended. */
function gone(pid: number): Promise<void> {
  return expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
}

describe("the preview's process", () => {
  test("says in its order what the engine says, pixels and values with it", async () => {
    const { engine, said, until } = start();
    engine.send({ type: "ready" });
    await until((message) => message.type === "finished" && message.kind === "exact");
    const types = said.map(({ type }) => type);
    expect(types.indexOf("image")).toBeLessThan(types.indexOf("imageBand"));
    const pixels = said.reduce((sum, message) => sum + (message.type === "imageBand" ? message.pixels.length : 0), 0);
    expect(pixels).toBe(301 * 257 * 3);
    const exact = said.filter((message) => message.type === "tile" && message.kind === "exact");
    expect(exact.reduce((sum, message) => sum + contentOf(message)!.length, 0)).toBe(301 * 257);
    expect(exact.every((message) => contentOf(message) instanceof Uint16Array)).toBe(true);
    const simple = said.filter((message) => message.type === "tile" && message.kind === "simple");
    expect(simple.every((message) => contentOf(message) instanceof Float32Array && contentOf(message)!.every((value) => value >= 0 && value <= 1))).toBe(true);
  });

  test("tells why it has come to an end", async () => {
    const { engine, ended } = start();
    process.kill(engine.pid!, "SIGKILL");
    expect(await ended).toEqual(["SIGKILL", ""]);
  });

  test("that cannot be started tells why", async () => {
    const [reason, lastWords] = await new Promise<readonly [string, string]>((resolve) => {
      startEngineProcess(`${entry}.missing`, () => undefined, (...why) => { resolve(why); });
    });
    expect(reason).toBe("exit code 1");
    expect(lastWords).toContain("Cannot find module");
  });

  test.skipIf(process.platform !== "linux")("ends when it is closed, and the inference process with it, and says no more", async () => {
    const { engine, said, until } = start();
    await until((message) => message.type === "state");
    const before = said.length;
    const [inference] = childrenOf(engine.pid!);
    engine.close();
    await gone(engine.pid!);
    await gone(inference!);
    expect(said.length).toBe(before);
  });

  test("ends when it is closed while pixels are on their way", async () => {
    const { engine, until } = start(4);
    engine.send({ type: "ready" });
    await until((message) => message.type === "imageOverview" || message.type === "imageBand");
    engine.close();
    await gone(engine.pid!);
  });

  test.skipIf(process.platform !== "linux")("gives way: it and the inference process have a lower priority, in the session of who started them", async () => {
    const { engine, until } = start();
    await until((message) => message.type === "finished");
    const [inference] = childrenOf(engine.pid!);
    /** Of all threads, each once. */
    const standings = (pid: number): unknown[] => {
      const all = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8").split(") ")[1]!.split(" "));
      return [...new Set(all.map((fields) => `session ${fields[3]!}, nice ${fields[16]!}`))];
    };
    const session = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ")[3]!;
    expect(standings(engine.pid!)).toEqual([`session ${session}, nice ${Math.max(getPriority(), 5)}`]);
    expect(standings(inference!)).toEqual([`session ${session}, nice ${Math.max(getPriority(), 10)}`]);
  });
});

describe("parcels", () => {
  test("bring back every message as it was", async () => {
    const part = { left: 1, top: 2, width: 2, height: 1 };
    const messages: FromEngine[] = [
      { type: "log", text: "words" },
      { type: "imageBand", top: 0, height: 1, pixels: Uint8Array.of(1, 2, 3) },
      // A view of the middle of an array.
      { type: "imageOverview", factor: 3, pixels: Uint8Array.of(9, 8, 7, 6).subarray(1, 3) },
      { type: "tile", kind: "exact", run: 1, ...part, values: Uint16Array.of(65_535, 1) },
      { type: "tile", kind: "mean", run: 1, ...part, values: Float32Array.of(0.5, -1) },
      { type: "tile", kind: "mean", run: 1, ...part, values: new Float32Array(0) },
    ];
    for (const message of messages) {
      const { parcel, bytes } = pack(message);
      expect(parcel.bytes).toBe(bytes.length);
      expect(contentOf(parcel.message)?.length ?? 0).toBe(0);
      const fill = (into: Uint8Array): Promise<void> => {
        into.set(bytes);
        return Promise.resolve();
      };
      expect(await unpack(parcel, fill)).toEqual(message);
    }
  });
});
