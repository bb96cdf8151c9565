import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { difference } from "../../src/image/compare.ts";
import { readDocument } from "../../src/net/document.ts";
import { inputLayers, readNet } from "../../src/net/net.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import { denseForm, denseForms, type DenseForm } from "../../src/onnx/dense-form/dense-form.ts";
import { exportNet } from "../../src/onnx/export.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { convertNet, type Surgery } from "../../src/surgery/fully-convolutional.ts";
import { convertWeights, planWeights } from "../../src/surgery/weights.ts";
import { openWeights } from "../../src/weights/open.ts";
import { readParams } from "../../src/weights/params.ts";
import { conformancePack } from "../support/conformance.ts";
import { floats } from "../support/pack.ts";
import { cut } from "../support/patches.ts";
import { runOnnx } from "../support/run-onnx.ts";

interface SurgeryMeta {
  readonly id: string;
  readonly patch: { readonly height: number; readonly width: number };
  readonly image: { readonly shape: readonly [number, number, number] };
  readonly totalStride: readonly [number, number];
  readonly fcnExact: boolean;
  readonly ceilClips: readonly string[];
  readonly outputs: readonly { readonly fcnBlob: string; readonly fcnFile: string; readonly fcnShape: readonly number[]; readonly denseFile: string; readonly denseShape: readonly [number, number, number]; readonly validShape: readonly [number, number] }[];
}

const pack = conformancePack();
const cases = pack.paths.filter((path) => /^surgery\/[^/]+\/meta\.json$/.test(path)).map((path) => JSON.parse(pack.text(path)) as SurgeryMeta);
const scratch = mkdtempSync(join(tmpdir(), "surgery-"));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

/** Writes the patch net's model and converts text and model, as the command line does. */
async function operate(id: string): Promise<{ surgery: Surgery; converted: string }> {
  const before = inferShapes(readNet(readDocument(pack.text(`surgery/${id}/patch.prototxt`))));
  const surgery = convertNet(before);
  if ("refusals" in surgery) throw new Error(surgery.refusals.map((d) => d.message).join(" "));
  const [model, converted] = [join(scratch, `${id}.caffemodel`), join(scratch, `${id}_full.caffemodel`)];
  writeFileSync(model, pack.read(`surgery/${id}/patch.caffemodel`));
  const file = await openWeights(model);
  await convertWeights(file, converted, planWeights(file, before, surgery));
  return { surgery, converted };
}

function onInput({ shapes }: Surgery, height: number, width: number): NetShapes {
  const [input] = inputLayers(shapes.net).flatMap((layer) => layer.tops);
  const channels = shapes.layers[input!.maker.index]!.tops[0]![1]!;
  return inferShapes(shapes.net, { inputs: new Map([[input!.name, [1, channels, height, width]]]) });
}

describe("surgery on nets that Caffe ran before and after", () => {
  test.each(cases.map((one) => [one.id, one] as const))("%s", async (id, meta) => {
    const { surgery, converted } = await operate(id);
    expect(surgery.obstacles.some((d) => d.code === "clipped-pooling")).toBe(meta.ceilClips.length > 0);
    const image = floats(pack.read(`surgery/${id}/image.bin`));
    const [, rows, columns] = meta.image.shape;
    const file = await openWeights(converted);
    const whole = onInput(surgery, rows, columns);
    const names = meta.outputs.map((output) => output.fcnBlob);
    const input = inputLayers(whole.net)[0]!.tops[0]!.name;
    const params = await readParams(whole, file);
    const results = await runOnnx(exportNet(whole, params, { outputs: names }), { [input]: cut(image, meta.image.shape, 0, 0, rows, columns) });
    meta.outputs.forEach((output, i) => {
      expect(results[i]!.shape).toEqual(output.fcnShape);
      expect(difference(results[i]!.data, floats(pack.read(`surgery/${id}/${output.fcnFile}`))).largest).toBeLessThan(1e-5);
    });
    if (meta.fcnExact) {
      await checkStitched(meta, surgery, params, image, input);
      await checkDense(meta, surgery, params, image, input);
    }
    if (meta.ceilClips.length > 0) expect(() => denseOf(meta, surgery, params, names[0]!, "dilated")).toThrow("hangs over the edge");
  });
});

/** Shift-and-stitch equals the patch classifier at every offset. */
async function checkStitched(meta: SurgeryMeta, surgery: Surgery, params: Parameters<typeof exportNet>[1], image: Float32Array, input: string): Promise<void> {
  const [strideY, strideX] = meta.totalStride;
  for (const output of meta.outputs) {
    const [channels, height, width] = output.denseShape;
    const dense = floats(pack.read(`surgery/${meta.id}/${output.denseFile}`));
    const stitched = new Float32Array(dense.length);
    for (let dy = 0; dy < strideY; dy++) for (let dx = 0; dx < strideX; dx++) {
      const [ny, nx] = [Math.ceil((height - dy) / strideY), Math.ceil((width - dx) / strideX)];
      const [h, w] = [meta.patch.height + (ny - 1) * strideY, meta.patch.width + (nx - 1) * strideX];
      const [result] = await runOnnx(exportNet(onInput(surgery, h, w), params, { outputs: [output.fcnBlob] }), { [input]: cut(image, meta.image.shape, dy, dx, h, w) });
      expect(result!.shape).toEqual([1, channels, ny, nx]);
      for (let c = 0; c < channels; c++) for (let i = 0; i < ny; i++) for (let j = 0; j < nx; j++) {
        stitched[(c * height + dy + i * strideY) * width + dx + j * strideX] = result!.data[(c * ny + i) * nx + j]!;
      }
    }
    expect(difference(stitched, dense).largest).toBeLessThan(1e-5);
  }
}

/** One pass in either dense form equals the patch classifier at every offset. */
async function checkDense(meta: SurgeryMeta, surgery: Surgery, params: Parameters<typeof exportNet>[1], image: Float32Array, input: string): Promise<void> {
  const [, rows, columns] = meta.image.shape;
  for (const output of meta.outputs) for (const form of denseForms) {
    const [result] = await runOnnx(denseOf(meta, surgery, params, output.fcnBlob, form), { [input]: cut(image, meta.image.shape, 0, 0, rows, columns) });
    expect(result!.shape).toEqual([1, ...output.denseShape]);
    expect(difference(result!.data, floats(pack.read(`surgery/${meta.id}/${output.denseFile}`))).largest).toBeLessThan(1e-5);
  }
}

function denseOf(meta: SurgeryMeta, surgery: Surgery, params: Parameters<typeof exportNet>[1], output: string, form: DenseForm): OnnxModel {
  const [, height, width] = meta.image.shape;
  const onPatch = exportNet(onInput(surgery, meta.patch.height, meta.patch.width), params, { outputs: [output] });
  return denseForm(onPatch, { height, width }, form);
}
