import type { Extent, Geometry } from "../../src/dense/geometry.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { runOnnx, type Values } from "./run-onnx.ts";

/** The part of an image `[channels, rows, columns]` from (top, left) on. */
export function cut(image: Float32Array, [channels, rows, columns]: readonly [number, number, number], top: number, left: number, height: number, width: number): Values {
  const data = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) for (let y = 0; y < height; y++) {
    const from = (c * rows + top + y) * columns + left;
    data.set(image.subarray(from, from + width), (c * height + y) * width);
  }
  return { shape: [1, channels, height, width], data };
}

/** What a classifier gives for the patch at every place of an image: classes x rows x columns. `layout` is the net for an input and a batch. */
export async function everyPatch(
  layout: (input: Extent, batch: number) => OnnxModel, { patch }: Geometry, image: Float32Array, shape: readonly [number, number, number],
): Promise<Values> {
  const [channels, rows, columns] = shape;
  const [height, width] = [rows - patch.height + 1, columns - patch.width + 1];
  const size = channels * patch.height * patch.width;
  const data = new Float32Array(height * width * size);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    data.set(cut(image, shape, y, x, patch.height, patch.width).data, (y * width + x) * size);
  }
  const model = layout(patch, height * width);
  const [result] = await runOnnx(model, { [model.graph.inputs[0]!.name]: { shape: [height * width, channels, patch.height, patch.width], data } });
  const classes = result!.data.length / (height * width);
  const turned = Float32Array.from(result!.data, (_, i) => result!.data[(i % (height * width)) * classes + Math.floor(i / (height * width))]!);
  return { shape: [1, classes, height, width], data: turned };
}
