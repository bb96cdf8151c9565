import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { difference } from "../../src/image/compare.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { denseForm, denseForms } from "../../src/onnx/dense-form/dense-form.ts";
import { exportNet } from "../../src/onnx/export.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { optimised } from "../../src/onnx/passes/passes.ts";
import { blocks, generatedNet, type Block, type GeneratedNet } from "../support/generated-net.ts";
import { randomNumbers } from "../support/patch-net.ts";
import { cut, everyPatch } from "../support/patches.ts";
import { runOnnx } from "../support/run-onnx.ts";

/** All dense forms, and the strided net from every shift, against the classifier on every patch of a small image. */
async function checkForms({ layout, geometry, text }: GeneratedNet, more: readonly [number, number]): Promise<void> {
  const { patch, stride } = geometry;
  const [rows, columns] = [patch.height + more[0], patch.width + more[1]];
  const random = randomNumbers(rows * columns);
  const image = Float32Array.from({ length: 2 * rows * columns }, () => random() * 4 - 2);
  const exact = await everyPatch(layout, geometry, image, [2, rows, columns]);
  const [, classes, height, width] = exact.shape as [number, number, number, number];
  for (const form of denseForms) for (const net of [layout(patch), optimised(layout(patch))]) {
    const model = denseForm(net, { height: rows, width: columns }, form, () => true);
    const [dense] = await runOnnx(model, { data: { shape: [1, 2, rows, columns], data: image } });
    expect(dense!.shape, text).toEqual(exact.shape);
    expect(difference(dense!.data, exact.data).largest, `${form}\n${text}`).toBeLessThan(1e-5);
  }
  const stitched = new Float32Array(exact.data.length);
  for (let dy = 0; dy < Math.min(height, stride.height); dy++) for (let dx = 0; dx < Math.min(width, stride.width); dx++) {
    const [ny, nx] = [Math.ceil((height - dy) / stride.height), Math.ceil((width - dx) / stride.width)];
    const part = cut(image, [2, rows, columns], dy, dx, patch.height + (ny - 1) * stride.height, patch.width + (nx - 1) * stride.width);
    const [shift] = await runOnnx(layout({ height: part.shape[2]!, width: part.shape[3]! }), { data: part });
    for (let c = 0; c < classes; c++) for (let i = 0; i < ny; i++) for (let j = 0; j < nx; j++) {
      stitched[(c * height + dy + i * stride.height) * width + dx + j * stride.width] = shift!.data[(c * ny + i) * nx + j]!;
    }
  }
  expect(difference(stitched, exact.data).largest, text).toBeLessThan(1e-5);
}

describe("dense forms", () => {
  const pool: Block = { kind: "pool", pool: "AVE", kernel: [3, 2], stride: [2, 3] };
  const conv: Block = { kind: "conv", kernel: [2, 3], stride: [1, 2], dilation: 2, group: 2 };
  const branch: Block = { kind: "branch", join: "Concat", kernel: [3, 3], stride: [2, 2], pool: true };
  const [relu, lrn, dropout] = (["ReLU", "LRN", "Dropout"] as const).map((type): Block => ({ kind: "pointwise", type })) as [Block, Block, Block];
  const overlapping: Block = { kind: "pool", pool: "MAX", kernel: [3, 3], stride: [2, 2] };
  const grouped: Block = { kind: "conv", kernel: [3, 3], stride: [1, 1], dilation: 1, group: 2 };
  const alexNet = [{ ...grouped, kernel: [7, 7], stride: [2, 2], group: 1 } as Block, relu, lrn, overlapping, grouped, relu, { ...branch, stride: [1, 1] } as Block, relu, overlapping, dropout];
  test.each<[string, Block[]]>([
    ["means over windows that were spread", [branch, pool, conv]],
    ["strides of one axis", [conv, conv, { kind: "pointwise", type: "LRN" }]],
    ["branches after branches", [branch, { kind: "pointwise", type: "BatchNorm" }, { ...branch, join: "Eltwise", pool: false }]],
    ["AlexNet in small, without padding, with a branch", alexNet],
  ])("%s", async (_, list) => {
    await checkForms(generatedNet(list, 1), [7, 5]);
  });

  test("nets of any shape", async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.integer({ min: 0, max: 2 }), fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), async (list, leftover, more) => {
        await checkForms(generatedNet(list, leftover), more);
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe("fewer products", () => {
  test("of several images at once, as of each alone", async () => {
    const { layout, geometry: { patch } } = generatedNet([{ kind: "conv", kernel: [4, 3], stride: [2, 3], dilation: 1, group: 1 }, { kind: "conv", kernel: [3, 4], stride: [1, 1], dilation: 1, group: 1 }], 0);
    const [height, width] = [patch.height + 10, patch.width + 11];
    const random = randomNumbers(3);
    const images = Float32Array.from({ length: 3 * 2 * height * width }, () => random() * 4 - 2);
    const of = async (count: number, data: Float32Array): Promise<Float32Array> => {
      const model = denseForm(layout(patch), { height, width, batch: count }, "winograd", () => true);
      expect(model.graph.nodes.some(({ name }) => name.endsWith("/members"))).toBe(true);
      const [made] = await runOnnx(model, { data: { shape: [count, 2, height, width], data } });
      return made!.data;
    };
    const each = await Promise.all([0, 1, 2].map((i) => of(1, images.slice(i * 2 * height * width, (i + 1) * 2 * height * width))));
    expect(difference(await of(3, images), Float32Array.from(each.flatMap((values) => [...values]))).largest).toBeLessThan(1e-6);
  });

  const input = { height: 16 + 13, width: 16 + 4 };
  /** Multiply-adds an output of convolutions with a kernel of several rows. */
  const products = (model: OnnxModel): number => {
    const shapes = new Map(model.graph.initializers.map(({ name, shape }) => [name, shape]));
    return model.graph.nodes.reduce((sum, { opType, inputs, attributes: { strides, group } }) => {
      const [outputs = 0, channels = 0, height = 0, width = 0] = shapes.get(inputs[1]!) ?? [];
      const isDepthwise = group?.kind === "int" && group.value > 1;
      if (opType !== "Conv" || height < 2 || isDepthwise) return sum;
      return sum + (outputs * channels * height * width) / (strides?.kind === "ints" ? strides.value[0]! * strides.value[1]! : 1);
    }, 0);
  };
  const large = (kernel: number): OnnxModel => onPatch(`
    layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param { kernel_size: 2 stride: 2 } }
    layer { name: "wide" type: "Convolution" bottom: "pool" top: "wide" convolution_param { num_output: 64 kernel_size: 1 } }
    layer { name: "fc" type: "Convolution" bottom: "wide" top: "fc" convolution_param { num_output: 64 kernel_size: ${kernel} } }
    layer { name: "relu" type: "ReLU" bottom: "fc" top: "fc" }
    layer { name: "score" type: "Convolution" bottom: "fc" top: "score" convolution_param { num_output: 2 kernel_size: 1 } }
    layer { name: "last" type: "Convolution" bottom: "score" top: "last" convolution_param { num_output: 2 kernel_size: ${9 - kernel} } }`);

  test.each([[8, (3 / 4) ** 2], [7, ((2 * 4 + 3) / (2 * 7)) ** 2]])("a kernel of %i rows and columns takes %f of them", (kernel, part) => {
    const [plain, fewer] = [denseForm(large(kernel), input, "dilated"), denseForm(large(kernel), input, "winograd")];
    const small = kernel === 8 ? 0 : 2 * 2 * 2 * 2;
    expect((products(fewer) - small) / (products(plain) - small)).toBeCloseTo(part, 10);
  });

  test("a small convolution is left as it is", () => {
    expect(denseForm(large(2), input, "winograd").graph.nodes).toEqual(denseForm(large(2), input, "dilated").graph.nodes);
  });
});

/** A net of one image of 2 x 16 x 16, its layers given in the text; weights all 0. */
function onPatch(layers: string): OnnxModel {
  const shapes = inferShapes(readNet(readDocument(`layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 2 dim: 16 dim: 16 } } } ${layers}`)));
  const params = new Map(shapes.net.layers.map((layer) => [layer.name, shapes.layers[layer.index]!.params.map((shape) => ({ shape: shape!, data: new Float32Array(shape!.reduce((a, b) => a * b, 1)) }))]));
  return exportNet(shapes, params);
}

describe("nets without a dense form are refused with the layer and the reason", () => {
  const conv = (name: string, bottom: string, more: string): string => `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" convolution_param { num_output: 2 ${more} } }`;
  test.each([
    ["padding", conv("padded", "data", "kernel_size: 3 pad: 1") + conv("last", "padded", "kernel_size: 16"), "padded pads its input: the zeros around a patch are not there inside an image."],
    ["a clipped window", `layer { name: "pool" type: "Pooling" bottom: "data" top: "pool" pooling_param { kernel_size: 3 stride: 2 } } ${conv("last", "pool", "kernel_size: 8")}`, "pool has a last window that hangs over the edge of the 16 x 16 values that a patch gives it; inside an image it sees more."],
    ["a deconvolution", `layer { name: "up" type: "Deconvolution" bottom: "data" top: "up" convolution_param { num_output: 2 kernel_size: 2 stride: 2 } } ${conv("last", "up", "kernel_size: 32")}`, "up is a deconvolution: what it gives between its inputs depends on where a patch begins."],
    ["unequal strides", `${conv("a", "data", "kernel_size: 2 stride: 2")} ${conv("b", "data", "kernel_size: 9")} layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" } ${conv("last", "sum", "kernel_size: 8")}`, "sum joins blobs of unequal stride: 2 x 2 and 1 x 1."],
    ["several positions", conv("last", "data", "kernel_size: 15"), "its output 'last' is not one position a patch"],
    ["means of a whole image", `layer { name: "norm" type: "MVN" bottom: "data" top: "norm" } ${conv("last", "norm", "kernel_size: 16")}`, "norm works along rows or columns, which are others on a patch than inside an image."],
  ])("%s", (_, layers, reason) => {
    for (const form of denseForms) expect(() => denseForm(onPatch(layers), { height: 20, width: 20 }, form)).toThrow(reason);
  });

  test("but blobs of one position join whatever their strides", () => {
    const layers = `${conv("a", "data", "kernel_size: 16 stride: 2")} ${conv("b", "data", "kernel_size: 16")} layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" }`;
    expect(denseForm(onPatch(layers), { height: 20, width: 20 }, "dilated").graph.outputs[0]!.shape).toEqual([1, 2, 5, 5]);
  });
});
