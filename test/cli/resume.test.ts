import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTiff } from "../../src/image/write-tiff.ts";
import { writeWeights } from "../../src/weights/write.ts";
import { randomNumbers } from "../support/patch-net.ts";

const cli = join(import.meta.dirname, "../../dist/cli.cjs");
const folder = mkdtempSync(join(tmpdir(), "netsurgeon-resume-"));
const at = (name: string): string => join(folder, name);
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** Larger than a TIFF in one piece; the right third is white. */
const [width, height] = [2200, 1930];

beforeAll(async () => {
  writeFileSync(at("net.prototxt"), `
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 16 dim: 16 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 4 stride: 4 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "score" type: "InnerProduct" bottom: "conv" top: "score" inner_product_param { num_output: 2 } }
layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
`);
  const random = randomNumbers(3);
  const blob = (...shape: number[]) => ({ shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => (random() - 0.5) / 40) });
  await writeWeights(at("net.caffemodel"), {
    name: "net",
    layers: [
      { name: "conv", type: "Convolution", blobs: [blob(4, 3, 4, 4), blob(4)] },
      { name: "score", type: "InnerProduct", blobs: [blob(2, 64), blob(2)] },
    ],
  });
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % width > 1500 ? 245 : Math.imul(i, 0x9e3779b1) >>> 25));
  await writeTiff(at("image.tif"), { width, height, channels: 3, data });
});

interface Run { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly out: string; readonly err: string }

/** Runs segment; with `stop`, sends the signal as soon as the map's journal has so many lines. */
function segment(out: string, more: readonly string[] = [], stop?: { readonly signal: NodeJS.Signals; readonly lines: number }): Promise<Run> {
  const args = ["segment", at("image.tif"), "--net", at("net.prototxt"), "--weights", at("net.caffemodel"), "--provider", "cpu", "--method", "simple", "--tile", "144", "--out", at(out), ...more];
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: at("cache") } });
  const watcher = stop === undefined ? undefined : watch(folder, () => {
    const journal = at(`${out}.partial.journal`);
    // Once: a second Ctrl-C ends the program where it stands.
    if (!child.killed && existsSync(journal) && readFileSync(journal, "utf8").split("\n").length >= stop.lines) child.kill(stop.signal);
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => { stdout += String(text); });
  child.stderr.on("data", (text) => { stderr += String(text); });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      watcher?.close();
      resolve({ code, signal, out: stdout, err: stderr });
    });
  });
}

test("a run killed again and again goes on where it was, and ends with the file of an undisturbed one", async () => {
  expect(await segment("whole.tif")).toMatchObject({ code: 0, err: "" });
  // Two kills of the process, whatever it is doing, then a Ctrl-C, each further on.
  const random = randomNumbers(Date.now());
  const first = 6 + Math.floor(random() * 15);
  expect(await segment("map.tif", [], { signal: "SIGKILL", lines: first })).toMatchObject({ signal: "SIGKILL" });
  const second = await segment("map.tif", [], { signal: "SIGKILL", lines: first + 5 + Math.floor(random() * 15) });
  expect(second).toMatchObject({ signal: "SIGKILL", err: expect.stringMatching(/map\.tif\.partial: \d+ tiles of 72 are there from an earlier run, verified/) as string });
  const third = await segment("map.tif", [], { signal: "SIGINT", lines: first + 32 });
  expect(third).toMatchObject({ code: 130, err: expect.stringContaining("cancelled; the same command goes on from ") as string });
  expect(existsSync(at("map.tif"))).toBe(false);
  // Another request does not touch it.
  expect(await segment("map.tif", ["--class", "0"])).toMatchObject({ code: 2, err: expect.stringMatching(/map\.tif\.partial: was begun with another 'class'/) as string });
  const last = await segment("map.tif", ["--json"]);
  expect(last.code).toBe(0);
  const [{ tiles }] = JSON.parse(last.out) as [{ tiles: { tiles: number; kept: number; skipped: number } }];
  expect(tiles.kept).toBeGreaterThan(0);
  expect(tiles.skipped).toBe(0);
  expect(readFileSync(at("map.tif")).equals(readFileSync(at("whole.tif")))).toBe(true);
  expect([existsSync(at("map.tif.partial")), existsSync(at("map.tif.partial.journal"))]).toEqual([false, false]);
});

test("background is skipped where it is asked for, and counted", async () => {
  const run = await segment("tissue.tif", ["--tissue", "--samples", "byte", "--json"]);
  expect(run.code).toBe(0);
  const [{ tiles }] = JSON.parse(run.out) as [{ tiles: { tiles: number; skipped: number } }];
  expect(tiles.skipped / tiles.tiles).toBeGreaterThan(0.2);
  expect(tiles.skipped / tiles.tiles).toBeLessThan(0.35);
});
