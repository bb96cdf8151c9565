import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Region } from "../../src/dense/fill.ts";
import { difference } from "../../src/image/compare.ts";
import type { Classifier } from "../../src/inference/classifier.ts";
import { fasterForm } from "../../src/inference/dense-form.ts";
import { startInference, type Inference } from "../../src/inference/client.ts";
import { classifyPixels, segment, type SegmentRequest } from "../../src/inference/segment.ts";
import { floats } from "../support/pack.ts";
import { hasReal, realFolder, realText } from "../support/real.ts";
import { bgrMinus, classifierOf, sampleImage, samples } from "../support/segment-sample.ts";
import { inferenceEntry } from "../support/inference-entry.ts";

let inference: Inference;
let nuclei: Classifier;

beforeAll(async () => {
  // What this machine remembers of other runs is no guide here.
  process.env["XDG_CACHE_HOME"] = mkdtempSync(join(tmpdir(), "segment-"));
  inference = await startInference(await inferenceEntry());
  nuclei = await classifierOf(join(samples, "deploy.prototxt"), join(samples, "nuclei32.caffemodel"));
});
afterAll(async () => {
  rmSync(process.env["XDG_CACHE_HOME"]!, { recursive: true });
  await inference.close();
});

async function request(image: string, classifier = nuclei, mean = join(samples, "mean.binaryproto")): Promise<SegmentRequest> {
  return { inference, provider: "cpu", classifier, image: await sampleImage(image), preprocessing: await bgrMinus(mean), classIndex: 1 };
}

/** What BVLC Caffe computed patch by patch at every pixel. */
function golden(name: string): Float32Array {
  return floats(readFileSync(join(import.meta.dirname, `../fixtures/nuclei32/${name}.pixelwise.f32`)));
}

describe("the sample classifier on whole images", () => {
  test("is known by its patch and stride", () => {
    expect(nuclei.given).toBe("patch");
    expect(nuclei.geometry).toEqual({ patch: { height: 32, width: 32 }, stride: { height: 4, width: 4 } });
    expect(nuclei.obstacles).toEqual([]);
  });

  test.each(["tissue-301x257", "tissue-512"])("advanced equals Caffe patch by patch at every pixel of %s", async (name) => {
    const map = await segment(await request(`${name}.png`), "advanced");
    const { largest } = difference(map, golden(name));
    expect(largest).toBeLessThan(2e-5);
  });

  test.each(["tissue-301x257", "tissue-512"])("dense equals Caffe patch by patch at every pixel of %s", async (name) => {
    const map = await segment(await request(`${name}.png`), "dense");
    expect(difference(map, golden(name)).largest).toBeLessThan(2e-5);
  });

  test("fragments give the same map, in tiles that they do not fit evenly", async () => {
    const image = await request("tissue-301x257.png");
    const map = await segment({ ...image, denseForm: "fragments", tile: { height: 101, width: 90 } }, "dense");
    expect(difference(map, golden("tissue-301x257")).largest).toBeLessThan(2e-5);
  });

  test("the faster form is one that the net has", async () => {
    const form = await fasterForm(inference, "cpu", nuclei, { height: 4000, width: 4000 });
    expect(nuclei.denseForms).toContain(form);
    expect(await fasterForm(inference, "cpu", nuclei, { height: 10, width: 10 })).toBe(form);
  });

  test("simple equals Caffe at every fourth pixel and lies near it between", async () => {
    const image = await request("tissue-301x257.png");
    const map = await segment(image, "simple");
    const exact = golden("tissue-301x257");
    const { width } = image.image;
    const onGrid = (values: Float32Array): Float32Array => values.filter((_, i) => i % width % 4 === 0 && Math.floor(i / width) % 4 === 0);
    expect(difference(onGrid(map), onGrid(exact)).largest).toBeLessThan(2e-5);
    expect(difference(map, exact).mean).toBeLessThan(0.05);
  });

  test("small tiles give the same map", async () => {
    const image = await request("tissue-301x257.png");
    const map = await segment({ ...image, tile: { height: 71, width: 98 } }, "advanced");
    expect(difference(map, golden("tissue-301x257")).largest).toBeLessThan(2e-5);
  });

  test("the patch classifier itself agrees at chosen pixels, corners among them", async () => {
    const image = await request("tissue-301x257.png");
    const places = [{ row: 0, column: 0 }, { row: 256, column: 300 }, { row: 0, column: 300 }, { row: 128, column: 7 }];
    const exact = golden("tissue-301x257");
    const values = await classifyPixels(image, places);
    expect(difference(values, places.map(({ row, column }) => exact[row * 301 + column]!)).largest).toBeLessThan(2e-5);
  });

  test("a class that does not exist and an image smaller than the patch are refused", async () => {
    const image = await request("tissue-301x257.png");
    await expect(segment({ ...image, classIndex: 2 }, "simple")).rejects.toThrow("there is no class 2");
    const small = { ...image.image, width: 31 };
    await expect(segment({ ...image, image: small }, "simple")).rejects.toThrow("smaller than the net's patch");
  });
});

describe.skipIf(!hasReal)("nets of others", () => {
  interface Golden { readonly centres_rc: readonly (readonly [number, number])[]; readonly prob: readonly (readonly number[])[] }
  const folder = (name: string, file: string): string => join(realFolder, "seed-author", name, file);

  test("a padded V1 net reproduces Caffe on patches", async () => {
    const { centres_rc, prob } = JSON.parse(realText("seed-author", "nuclei-padded", "golden.json")) as Golden;
    const classifier = await classifierOf(folder("nuclei-padded", "deploy.prototxt"), folder("nuclei-padded", "nuclei.caffemodel"));
    expect(classifier.obstacles.filter((d) => d.code === "padding").map((d) => d.layer)).toEqual(["conv1", "conv2", "conv3"]);
    const image = await request("tissue-512.png", classifier, folder("nuclei-padded", "mean.binaryproto"));
    const values = await classifyPixels(image, centres_rc.map(([row, column]) => ({ row, column })));
    expect(difference(values, prob.map((p) => p[1]!)).largest).toBeLessThan(1e-5);
  });

  test("dense equals shift-and-stitch on a net of stride 8", async () => {
    const classifier = await classifierOf(folder("nvcaffe-fcn", "deploy_full.prototxt"), folder("nvcaffe-fcn", "full_convolutional_net.caffemodel"));
    const whole = await request("tissue-512.png", classifier, folder("nvcaffe-fcn", "mean.binaryproto"));
    const { image } = whole;
    const crop = { ...image, height: 90, width: 77, read: (region: Region) => image.read({ ...region, top: region.top + 100, left: region.left + 150 }) };
    const [dense, advanced] = [await segment({ ...whole, image: crop }, "dense"), await segment({ ...whole, image: crop }, "advanced")];
    expect(difference(dense, advanced).largest).toBeLessThan(1e-5);
  });

  test("a padded net has no dense form", async () => {
    const classifier = await classifierOf(folder("nuclei-padded", "deploy.prototxt"), folder("nuclei-padded", "nuclei.caffemodel"));
    expect(classifier.denseRefusal).toBe("conv1 pads its input: the zeros around a patch are not there inside an image.");
    await expect(segment(await request("tissue-512.png", classifier), "dense")).rejects.toThrow("conv1 pads its input");
  });

  test("NVIDIA's five-blob BatchNorm reproduces Caffe", async () => {
    const { prob } = JSON.parse(realText("seed-author", "nvcaffe-fcn", "golden.json")) as Golden;
    const classifier = await classifierOf(folder("nvcaffe-fcn", "deploy_full.prototxt"), folder("nvcaffe-fcn", "full_convolutional_net.caffemodel"));
    expect(classifier.geometry).toEqual({ patch: { height: 64, width: 64 }, stride: { height: 8, width: 8 } });
    const image = await request("tissue-512.png", classifier, folder("nvcaffe-fcn", "mean.binaryproto"));
    // The golden map begins with the window whose first pixel is row 100, column 150; that window belongs to the pixel 32 further.
    const places = prob.flatMap((row, i) => row.map((_, j) => ({ row: 100 + 8 * i + 32, column: 150 + 8 * j + 32 })));
    const values = await classifyPixels(image, places);
    expect(difference(values, prob.flat()).largest).toBeLessThan(1e-4);
  });
});
