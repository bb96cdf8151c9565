import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { Failure, sentence } from "../../src/text/failure.ts";
import { readImage } from "../../src/image/image.ts";
import { openTiff } from "../../src/image/tiff-region.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { exportNet } from "../../src/onnx/export.ts";
import { readOnnx } from "../../src/onnx/read.ts";
import { onnxBytes } from "../../src/onnx/write.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { convertWeights, paramSources, planWeights } from "../../src/surgery/weights.ts";
import { indexBlob } from "../../src/weights/blob-file.ts";
import { checkWeights } from "../../src/weights/check.ts";
import { indexWeights, openWeights } from "../../src/weights/open.ts";
import { readParams } from "../../src/weights/params.ts";
import { readValues } from "../../src/weights/values.ts";
import { memorySource } from "../../src/weights/wire.ts";

/** A picture of the size it says, or a Failure. */
export async function checkImage(bytes: Uint8Array, folder: string): Promise<void> {
  const path = `${folder}/image`;
  await writeFile(path, bytes);
  await failureOr(async () => {
    const image = await readImage(path, { maxBytes: 2 ** 24 });
    assert.equal(image.data.length, image.width * image.height * image.channels);
  });
  if (bytes[0] !== 0x49 && bytes[0] !== 0x4d) return;
  await failureOr(async () => {
    const tiff = await openTiff(path);
    try {
      const [width, height] = [Math.min(tiff.width, 300), Math.min(tiff.height, 300)];
      const region = await tiff.readRegion(tiff.width - width, tiff.height - height, width, height);
      assert.equal(region.data.length, width * height * region.channels);
    } finally {
      await tiff.close();
    }
  });
}

/** A structure whose values all lie in the file, or a Failure; and the same for one blob alone. */
export async function checkWeightsFile(bytes: Uint8Array): Promise<void> {
  const source = memorySource(bytes);
  for (const blobsOf of [() => indexWeights(source, "x").layers.flatMap(({ blobs }) => blobs), () => [indexBlob(source, "x")]]) {
    await failureOr(() => {
      for (const blob of blobsOf()) {
        // A value of float16 has two bytes; more values than that would be made from nothing.
        assert.ok(readValues(source, blob, 0, blob.count, "x").length * 2 <= bytes.length);
      }
    });
  }
}

/** A model against the net it was made for: what fits, what surgery makes of it, and the net as ONNX. */
export async function checkModelOfNet(bytes: Uint8Array, netText: string, folder: string): Promise<void> {
  const path = `${folder}/model`;
  await writeFile(path, bytes);
  const shapes = inferShapes(readNet(readDocument(netText)));
  await failureOr(async () => {
    const file = await openWeights(path);
    const wanted = shapes.net.layers.map(({ name, type }, i) => ({ name, type, params: shapes.layers[i]!.params.map((shape) => shape ?? []) }));
    for (const { message } of checkWeights(file, wanted).mismatches) assert.match(message, /\S/);
    const surgery = convertNet(shapes);
    if ("refusals" in surgery) return;
    const changes = planWeights(file, shapes, surgery);
    await convertWeights(file, `${folder}/converted`, changes);
    const converted = await openWeights(`${folder}/converted`);
    assert.equal(converted.layers.length, file.layers.length);
    const params = await readParams(surgery.shapes, file, paramSources(surgery));
    readOnnx(onnxBytes(exportNet(surgery.shapes, params)));
  });
}

/** A model, or a Failure. */
export async function checkOnnx(bytes: Uint8Array): Promise<void> {
  await failureOr(() => {
    const model = readOnnx(bytes);
    const size = model.graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
    // Packed small integers take a byte in the file and eight in memory.
    assert.ok(size <= 8 * bytes.length);
  });
}

async function failureOr(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    assert.match(sentence(cause), /\S/);
    // Control characters of names in the file would reach a terminal.
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(sentence(cause), /[\u0000-\u001f\u007f-\u009f]/);
  }
}
