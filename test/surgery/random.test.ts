import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { netOutputs, readNet } from "../../src/net/net.ts";
import { outputField } from "../../src/net/reach.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import { exportNet } from "../../src/onnx/export.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { convertWeights, planWeights } from "../../src/surgery/weights.ts";
import { openWeights } from "../../src/weights/open.ts";
import { readParams } from "../../src/weights/params.ts";
import { randomNumbers } from "../support/patch-net.ts";
import { runOnnx, type Values } from "../support/run-onnx.ts";
import { randomNet, type RandomNet } from "./random-net.ts";
import { modelBytes } from "./random-model.ts";

const scratch = mkdtempSync(join(tmpdir(), "random-net-"));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });
const seeds = 40;

function on(shapes: NetShapes, input: string, size: readonly number[]): NetShapes {
  return inferShapes(shapes.net, { inputs: new Map([[input, [1, ...size]]]) });
}

function crop(image: Values, top: number, left: number, rows: number, columns: number): Values {
  const [, channels, height, width] = image.shape as [number, number, number, number];
  const data = new Float32Array(channels * rows * columns);
  for (let i = 0; i < data.length; i++) {
    const [c, y, x] = [Math.floor(i / (rows * columns)), Math.floor(i / columns) % rows, i % columns];
    data[i] = image.data[(c * height + top + y) * width + left + x]!;
  }
  return { shape: [1, channels, rows, columns], data };
}

/** The converted net on an image equals the patch classifier on every patch, at the converted net's positions. */
async function checkNet(seed: number, net: RandomNet): Promise<string> {
  const before = inferShapes(readNet(readDocument(net.text)));
  const problems = [...before.net.document.diagnostics, ...before.net.diagnostics, ...before.diagnostics].filter((d) => d.severity === "error");
  if (problems.length > 0) throw new Error(`the generator made a wrong net: ${problems[0]!.message}`);
  const surgery = convertNet(before, { softmax: false });
  if ("refusals" in surgery) throw new Error(`refused: ${surgery.refusals.map((d) => d.message).join(" ")}`);
  const random = randomNumbers(seed + 99);
  const [model, converted] = [join(scratch, `${seed}.caffemodel`), join(scratch, `${seed}_full.caffemodel`)];
  writeFileSync(model, modelBytes(before, random));
  const file = await openWeights(model);
  await convertWeights(file, converted, planWeights(file, before, surgery));
  const [channels, rows, columns] = net.patch;
  const [strideY, strideX] = outputField(surgery.shapes)?.stride ?? [1, 1];
  const size = [channels, rows + 2 * strideY + 1, columns + strideX] as const;
  const image: Values = { shape: [1, ...size], data: Float32Array.from({ length: size[0] * size[1] * size[2] }, () => 2 * random() - 1) };
  const outputs = netOutputs(before.net).map(({ name }) => name);
  const renamed = netOutputs(surgery.shapes.net).map(({ name }) => name);
  const whole = on(surgery.shapes, net.input, size);
  const fcn = await runOnnx(exportNet(whole, await readParams(whole, await openWeights(converted)), { outputs: renamed }), { [net.input]: image });
  const patchNet = exportNet(before, await readParams(before, file), { outputs });
  for (const [i, j] of [[0, 0], [1, 1], [2, 0]] as const) {
    const patch = await runOnnx(patchNet, { [net.input]: crop(image, i * strideY, j * strideX, rows, columns) });
    patch.forEach((wanted, k) => {
      const [, classes, height, width] = fcn[k]!.shape as [number, number, number, number];
      expect([classes, fcn[k]!.shape.length]).toEqual([wanted.data.length, 4]);
      for (let c = 0; c < classes; c++) {
        const value = fcn[k]!.data[(c * height + i) * width + j]!;
        if (!(Math.abs(value - wanted.data[c]!) <= 1e-4 * Math.max(1, Math.abs(wanted.data[c]!)))) throw new Error(`at ${i},${j} ${value} instead of ${wanted.data[c]} (${outputs[k]})`);
      }
    });
  }
  return surgery.obstacles.map((d) => d.code).join(" ");
}

test.each(Array.from({ length: seeds }, (_, i) => i))("random patch classifier %i", async (seed) => {
  const net = randomNet(seed);
  try {
    expect(await checkNet(seed, net)).toBe("");
  } catch (error) {
    throw new Error(`${String(error)}\n${net.text}`, { cause: error });
  }
});
