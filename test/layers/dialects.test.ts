import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import { exportNet } from "../../src/onnx/export.ts";
import { reachOf } from "../../src/net/reach.ts";
import type { DialectName } from "../../src/schema/schema.ts";
import { runOnnx } from "../support/run-onnx.ts";
import { netText, type LayerText } from "./check-layer.ts";

type Bottoms = NonNullable<LayerText["bottoms"]>;

function layer(dialect: DialectName, type: string, bottoms: Bottoms, fields = "", more: Partial<LayerText> = {}): LayerText {
  return { dialect, type, bottoms, fields, ...more };
}

/** The numbers from 1 on, in a blob of a shape. */
function counting(shape: readonly (number | null)[]): number[] {
  return Array.from({ length: shape.reduce<number>((product, n) => product * n!, 1) }, (_, i) => i + 1);
}

/** A net of the layer, fed by layers that all Caffes have. */
function fedText(text: LayerText): string {
  const [comment, ...lines] = netText(text).split("\n");
  const inputs = Object.keys(text.bottoms!).map((name) => `layer { name: "${name}" type: "HDF5Data" top: "${name}" hdf5_data_param { source: "${name}.txt" batch_size: 1 } }`);
  return [comment, ...inputs, lines.at(-1)].join("\n");
}

function fed(text: LayerText): NetShapes {
  const inputs = new Map(Object.entries(text.bottoms!).map(([name, shape]) => [name, shape as number[]]));
  return inferShapes(readNet(readDocument(fedText(text)), { phase: text.phase ?? "TEST" }), { inputs });
}

function checkShapes(text: LayerText, tops: readonly (readonly (number | null)[])[]): void {
  const shapes = fed(text);
  expect(shapes.diagnostics.map((found) => found.message)).toEqual([]);
  expect(shapes.layers.at(-1)!.tops).toEqual(tops);
}

/** Caffe refuses the layer with this text (a crash, or memory written beside, has none). */
function checkRefused(text: LayerText, refused: { readonly caffe?: string; readonly marks?: string; readonly when?: "run" }): void {
  const found = fed(text).diagnostics;
  expect(found.map(({ code, caffe }) => ({ code, caffe }))).toEqual([{ code: refused.when === "run" ? "fails-at-run" : "layer-refused", caffe: refused.caffe }]);
  if (refused.marks !== undefined) expect(fedText(text).slice(found[0]!.start, found[0]!.end)).toBe(refused.marks);
}

/** The layer with these learned blobs gives these values. */
async function checkLearned(text: LayerText, inputs: Readonly<Record<string, readonly number[]>>, blobs: readonly (readonly number[])[], expected: readonly (readonly number[])[]): Promise<void> {
  const shapes = fed(text);
  expect(shapes.diagnostics.map((found) => found.message)).toEqual([]);
  const params = blobs.map((data, i) => ({ shape: shapes.layers.at(-1)!.params[i]!, data: Float32Array.from(data) }));
  const model = exportNet(shapes, new Map([["x", params]]), { outputs: text.tops ?? ["y"] });
  const given = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, { shape: text.bottoms![name] as number[], data: Float32Array.from(data) }]));
  const outputs = await runOnnx(model, given);
  expect(outputs.map((value) => value.shape)).toEqual(shapes.layers.at(-1)!.tops);
  outputs.forEach((value, top) => {
    expect(value.data.length).toBe(expected[top]!.length);
    value.data.forEach((number, i) => { expect(number).toBeCloseTo(expected[top]![i]!, 4); });
  });
}

const pair = { a: [1, 2, 1, 2] };

describe("Normalize", () => {
  test.each<[what: string, text: LayerText, blobs: number[][], y: number[]]>([
    ["the whole item, one scale", layer("ssd", "Normalize", { a: [1, 2, 1, 2] }), [[10]], [2, 4, 6, 8].map((x) => (10 * x) / Math.sqrt(120))],
    ["channels at each position, a scale for each", layer("ssd", "Normalize", pair, "norm_param { across_spatial: false channel_shared: false }"), [[10, 20]], [2 / Math.sqrt(40), 4 / Math.sqrt(80), (2 * 6) / Math.sqrt(40), (2 * 8) / Math.sqrt(80)].map((x) => 10 * x)],
    ["eps below the root", layer("ssd", "Normalize", { a: [1, 4] }, "norm_param { eps: 24 }"), [[1]], [2 / 12, 4 / 12, 6 / 12, 8 / 12]],
  ])("%s", async (_what, text, blobs, y) => {
    await checkLearned(text, { a: [2, 4, 6, 8] }, blobs, [y]);
  });

  test("shapes, refusals", () => {
    checkShapes(layer("ssd", "Normalize", { a: [2, 3, 4, 5] }), [[2, 3, 4, 5]]);
    checkRefused(layer("ssd", "Normalize", { a: [4] }), { caffe: "Check failed: bottom[0]->num_axes() >= 2 (1 vs. 2) Number of axes of bottom blob must be >=2." });
    checkRefused(layer("ssd", "Normalize", pair, "norm_param { channel_shared: false } blobs { shape { dim: 3 } data: 1 data: 2 data: 3 }"), {
      caffe: "Check failed: this->blobs_[0]->count() == channels (3 vs. 2) Scale size is inconsistent with prototxt config",
    });
  });
});

describe("Interp", () => {
  const image = { a: [1, 1, 2, 2] };
  test.each<[what: string, text: LayerText, y: number[]]>([
    ["zoom", layer("pspnet", "Interp", image, "interp_param { zoom_factor: 2 }"), [1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4]],
    ["a size", layer("deeplab-v2", "Interp", image, "interp_param { height: 1 width: 4 }"), [1, 4 / 3, 5 / 3, 2]],
    ["the same size", layer("pspnet", "Interp", image, "interp_param { height: 2 width: 2 }"), [1, 2, 3, 4]],
    ["from one pixel", layer("pspnet", "Interp", { a: [1, 4, 1, 1] }, "interp_param { height: 1 width: 2 }"), [1, 1, 2, 2, 3, 3, 4, 4]],
    ["cropped", layer("pspnet", "Interp", image, "interp_param { pad_beg: -1 height: 1 width: 2 }"), [4, 4]],
    ["shrunk", layer("pspnet", "Interp", { a: [1, 1, 1, 4] }, "interp_param { shrink_factor: 3 }"), [1, 4]],
  ])("%s", async (_what, text, y) => {
    await checkLearned(text, { a: [1, 2, 3, 4] }, [], [y]);
  });

  test.each<[fields: string, bottom: number[], top: (number | null)[]]>([
    // PSPNet: 60 x 60 to 473 x 473.
    ["zoom_factor: 8", [1, 21, 60, 60], [1, 21, 473, 473]],
    ["shrink_factor: 8", [1, 1, 321, 322], [1, 1, 41, 41]],
    ["shrink_factor: 8 zoom_factor: 2", [1, 1, 321, 321], [1, 1, 81, 81]],
    ["zoom_factor: 2 height: 7 width: 9", [1, 1, 3, 3], [1, 1, 5, 5]],
    ["shrink_factor: 2 zoom_factor: 2 height: 7 width: 9", [1, 1, 3, 3], [1, 1, 7, 9]],
    ["height: 5 width: 6", [2, 3], [2, 3, 5, 6]],
  ])("%s of %j", (fields, bottom, top) => {
    checkShapes(layer("pspnet", "Interp", { a: bottom }, `interp_param { ${fields} }`), [top]);
  });

  test("refusals", () => {
    const refused = (fields: string, caffe: string | undefined, marks?: string): void => {
      checkRefused(layer("deeplab-v2", "Interp", image, `interp_param { ${fields} }`), { ...(caffe !== undefined && { caffe }), ...(marks !== undefined && { marks }) });
    };
    refused("pad_end: 3 zoom_factor: 2", "Check failed: pad_end_ <= 0 (3 vs. 0) Only supports non-pos padding (cropping) for now", "3");
    refused("zoom_factor: 0", "Check failed: zoom_factor >= 1 (0 vs. 1) Zoom factor must be positive", "0");
    refused("height: 3", undefined);
    refused("height: 3 width: 0", "Check failed: width_out_ > 0 (0 vs. 0) width should be positive", "0");
    refused("pad_beg: -2 zoom_factor: 2", "Check failed: height_in_eff_ > 0 (0 vs. 0) height should be positive");
  });

  test("zooming reaches as a bilinear deconvolution, shrinking as a stride", () => {
    const reach = (fields: string, rows: number): unknown => {
      const shapes = fed(layer("pspnet", "Interp", { a: [1, 1, rows, rows] }, `interp_param { ${fields} }`));
      return reachOf(shapes, shapes.net.layers.at(-1)!);
    };
    expect(reach("zoom_factor: 8", 60)).toEqual({ kind: "upsample", kernel: [15, 15], stride: [8, 8], pad: [7, 7] });
    expect(reach("height: 3 width: 3", 9)).toEqual({ kind: "window", kernel: [1, 1], stride: [4, 4], pad: [0, 0], dilation: [1, 1] });
    expect(reach("height: 4 width: 3", 9)).toEqual({ kind: "whole" });
  });
});

describe("Upsample", () => {
  test("SegNet puts values back where pooling found them", async () => {
    const text = layer("segnet", "Upsample", { a: [1, 2, 1, 2], m: [1, 2, 1, 2] }, "upsample_param { scale: 2 }");
    await checkLearned(text, { a: [5, 6, 7, 8], m: [0, 7, 5, 2] }, [], [[5, 0, 0, 0, 0, 0, 0, 6, 0, 0, 8, 0, 0, 7, 0, 0]]);
  });

  test("SegNet's sizes and refusals", () => {
    const blobs = { a: [2, 3, 4, 5], m: [2, 3, 4, 5] };
    const refused = (fields: string, caffe: string, bottoms: Bottoms = blobs): void => { checkRefused(layer("segnet", "Upsample", bottoms, `upsample_param { ${fields} }`), { caffe }); };
    checkShapes(layer("segnet", "Upsample", blobs), [[2, 3, 8, 10]]);
    checkShapes(layer("segnet", "Upsample", blobs, "upsample_param { scale: 2 pad_out_h: true }"), [[2, 3, 7, 10]]);
    checkShapes(layer("segnet", "Upsample", blobs, "upsample_param { scale: 2 upsample_h: 9 upsample_w: 11 }"), [[2, 3, 9, 11]]);
    checkShapes(layer("segnet", "Upsample", blobs, "upsample_param { scale_h: 3 scale_w: 2 }"), [[2, 3, 12, 10]]);
    refused("scale: 1", "Check failed: scale_h_ > 1 (1 vs. 1)");
    refused("upsample_h: 8 upsample_w: 1", "Check failed: upsample_w_ > 1 (1 vs. 1)");
    refused("scale: 3 pad_out_w: true", "Check failed: !pad_out_w_ || scale_w_ == 2 Output width padding compensation requires scale_w == 2, otherwise the output size is ill-defined.");
    refused("", "Check failed: bottom[0]->width() == bottom[1]->width() (5 vs. 6)", { a: [2, 3, 4, 5], m: [2, 3, 4, 6] });
    refused("", "Check failed: 4 == bottom[1]->num_axes() (4 vs. 3) Input mask must have 4 axes, corresponding to (num, channels, height, width)", { a: [2, 3, 4, 5], m: [2, 3, 20] });
  });

  test("MobileNet-YOLO repeats pixels", async () => {
    await checkLearned(layer("mobilenet-yolo", "Upsample", pair, "upsample_param { scale: 2 }"), { a: [1, 2, 3, 4] }, [], [[1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]]);
  });

  test("a 3-axes blob fails in MobileNet-YOLO as it runs", () => {
    checkRefused(layer("mobilenet-yolo", "Upsample", { a: [2, 3, 4] }, "upsample_param { scale: 2 }"), {
      caffe: "Check failed: axis_index < num_axes() (3 vs. 3) axis 3 out of range for 3-D Blob with shape 2 6 8 (96)",
      when: "run",
    });
  });
});

describe("BN", () => {
  const values = { a: [1, 3, 10, 30] };
  test("SegNet in INFERENCE mode scales and shifts", async () => {
    await checkLearned(layer("segnet", "BN", pair, "bn_param { bn_mode: INFERENCE scale_filler { value: 1 } shift_filler { value: 0 } }"), values, [[2, 3], [1, -1]], [[3, 7, 29, 89]]);
  });

  test("SegNet in LEARN mode measures the batch, and gives out what it measured", async () => {
    const text = layer("segnet", "BN", pair, "", { tops: ["y", "mean", "variance"] });
    await checkLearned(text, values, [[2, 3], [1, -1]], [[-1, 3, -4, 2], [2, 20], [1, 100]]);
  });

  test("SegNet makes matrices 4-d", () => {
    checkShapes(layer("segnet", "BN", { a: [2, 3] }, "bn_param { bn_mode: INFERENCE }"), [[2, 3, 1, 1]]);
  });

  test("PSPNet uses what is stored in TEST", async () => {
    await checkLearned(layer("pspnet", "BN", pair, "bn_param { eps: 1 }"), values, [[2, 3], [1, -1], [1, 10], [3, 99]], [[1, 3, -1, 5]]);
  });

  test("PSPNet measures the batch in TRAIN, unless frozen", async () => {
    const blobs = [[2, 3], [1, -1], [1, 10], [3, 99]];
    await checkLearned(layer("pspnet", "BN", pair, "bn_param { eps: 0 }", { phase: "TRAIN" }), values, blobs, [[-1, 3, -4, 2]]);
    await checkLearned(layer("pspnet", "BN", pair, "bn_param { eps: 1 frozen: true }", { phase: "TRAIN" }), values, blobs, [[1, 3, -1, 5]]);
  });
});

/** Darknet's loop: forward reads the memory of the bottom as that of a blob with fewer channels on a finer grid. */
function darknet([items, channels, height, width]: readonly number[], stride: number, reverse: boolean, bottom: readonly number[]): number[] {
  const top = new Array<number>(bottom.length).fill(NaN);
  const squares = channels! / stride ** 2;
  for (let n = 0, at = 0; n < items!; n++) {
    for (let c = 0; c < channels!; c++) {
      for (let h = 0; h < height!; h++) {
        for (let w = 0; w < width!; w++, at++) {
          const offset = Math.floor(c / squares);
          const row = h * stride + Math.floor(offset / stride);
          const column = w * stride + (offset % stride);
          const fine = column + width! * stride * (row + height! * stride * ((c % squares) + squares * n));
          if (reverse) top[fine] = bottom[at]!;
          else top[at] = bottom[fine]!;
        }
      }
    }
  }
  return top;
}

describe("Reorg", () => {
  test.each<[shape: number[], stride: number, reverse: boolean]>([
    [[2, 4, 2, 4], 2, false],
    [[1, 8, 4, 2], 2, false],
    [[1, 9, 3, 3], 3, false],
    [[2, 8, 2, 3], 2, true],
    [[1, 18, 1, 2], 3, true],
  ])("%j by %d, reverse %s, as Darknet", async (shape, stride, reverse) => {
    const bottom = counting(shape);
    await checkLearned(layer("mobilenet-yolo", "Reorg", { a: shape }, `reorg_param { stride: ${stride} reverse: ${reverse} }`), { a: bottom }, [], [darknet(shape, stride, reverse, bottom)]);
  });

  test("shapes, refusals", () => {
    checkShapes(layer("intel", "Reorg", { a: [1, 64, 26, 26] }, "reorg_param { stride: 2 }"), [[1, 256, 13, 13]]);
    checkRefused(layer("intel", "Reorg", { a: [1, 64, 26, 26] }), { caffe: "Check failed: reorg_param.has_stride() == true (0 vs. 1) Reorg Layer needs stride param." });
    checkRefused(layer("intel", "Reorg", { a: [1, 3, 26, 26] }, "reorg_param { stride: 2 }"), { caffe: "Floating point exception (SIGFPE, no message): integer division by zero", when: "run" });
    checkRefused(layer("intel", "Reorg", { a: [1, 4, 13, 26] }, "reorg_param { stride: 2 }"), { when: "run" });
    checkRefused(layer("intel", "Reorg", { a: [1, 4, 2, 2] }, "reorg_param { stride: 2 }", { tops: ["a"] }), { caffe: "Check failed: top[0] != bottom[0] Reorg Layer does not allow in-place computation." });
  });
});

describe("pooling of regions", () => {
  test("ROIPooling takes the largest of each cell", async () => {
    const text = layer("intel", "ROIPooling", { a: [1, 1, 4, 4], r: [2, 5] }, "roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 }");
    await checkLearned(text, { a: counting([1, 1, 4, 4]), r: [0, 0, 0, 6, 6, 0, 2, 2, 4, 6] }, [], [[6, 8, 14, 16, 10, 11, 14, 15]]);
  });

  test("shapes, refusals", () => {
    checkShapes(layer("intel", "ROIPooling", { a: [1, 256, 38, 50], r: [300, 5] }, "roi_pooling_param { pooled_w: 6 pooled_h: 7 }"), [[300, 256, 7, 6]]);
    checkRefused(layer("intel", "ROIPooling", { a: [1, 256, 38, 50], r: [300, 5] }, "roi_pooling_param { pooled_w: 7 }"), { caffe: "Check failed: roi_pool_param.pooled_h() > 0 (0 vs. 0) pooled_h must be > 0" });
    const maps = { a: [1, 1029, 38, 50], r: [300, 5, 1, 1] };
    checkShapes(layer("intel", "PSROIPooling", maps, "psroi_pooling_param { spatial_scale: 0.0625 output_dim: 21 group_size: 7 }"), [[300, 21, 7, 7]]);
    checkRefused(layer("intel", "PSROIPooling", maps, "psroi_pooling_param { spatial_scale: 0.0625 output_dim: 20 group_size: 7 }"), {
      caffe: "Check failed: channels_ == output_dim_*group_size_*group_size_ (1029 vs. 980) input channel number does not match layer parameters",
    });
    checkRefused(layer("intel", "PSROIPooling", maps, "psroi_pooling_param { spatial_scale: 0.0625 output_dim: 21 group_size: -7 }"), { caffe: "Check failed: psroi_pooling_param.group_size() > 0 (-7 vs. 0) group_size must be > 0", marks: "-7" });
  });
});

describe("depthwise convolutions", () => {
  const fields = "convolution_param { num_output: 2 kernel_size: 1 kernel_size: 2 pad: 0 stride: 1 GROUP }";
  test.each([["DepthwiseConvolution", "group: 2"], ["ConvolutionDepthwise", ""]])("%s has a filter for each channel", async (type, group) => {
    await checkLearned(layer("mobilenet-yolo", type, pair, fields.replace("GROUP", group)), { a: [1, 2, 3, 4] }, [[1, 10, 2, 3], [0, 100]], [[21, 118]]);
  });

  test("ConvolutionDepthwise does not read num_output", () => {
    checkShapes(layer("mobilenet-yolo", "ConvolutionDepthwise", { a: [2, 32, 8, 8] }, "convolution_param { kernel_size: 3 pad: 1 stride: 2 }"), [[2, 32, 4, 4]]);
  });
});
