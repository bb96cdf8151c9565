import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { legacyType, modernType } from "../../src/net/legacy.ts";
import { readNet } from "../../src/net/net.ts";
import { schemaOf } from "../../src/schema/schema.ts";
import { plain } from "../support/plain.ts";

/** A text in an old format has the layers that the text in the current format has. */
function checkSame(old: string, modern: string, format: string, problems: readonly string[] = []): void {
  const net = readNet(readDocument(old));
  const wanted = readNet(readDocument(modern));
  const codes = [...net.document.diagnostics, ...net.diagnostics].map((d) => d.code);
  expect(codes.filter((code) => code !== "bottom-count" && code !== "top-count")).toEqual(problems);
  expect(net.format).toBe(format);
  expect(net.layers.map((layer) => plain(layer.message))).toEqual(wanted.layers.map((layer) => plain(layer.message)));
  for (const layer of net.layers) expect(layer.source === undefined).toBe(layer.name === "input");
}

const input = 'layer { name: "input" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 6 } } }\n';
const dims = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 6\n';

describe("net-level input", () => {
  test.each([
    ["input_dim", dims, input],
    ["input_shape", 'input: "data" input_shape { dim: [1, 3, 8, 6] }', input],
    ["input_shape wins", `${dims} input_shape { dim: [2, 5] }`, input.replace("dim: 1 dim: 3 dim: 8 dim: 6", "dim: 2 dim: 5")],
    ["several, shapes of any rank", 'input: "a" input: "b" input_shape { dim: 1 dim: 3 } input_shape { }', 'layer { name: "input" type: "Input" top: "a" top: "b" input_param { shape { dim: 1 dim: 3 } shape { } } }'],
    ["several with input_dim", 'input: "a" input: "b" input_dim: [1, 2, 3, 4, 5, 6, 7, 8]', 'layer { name: "input" type: "Input" top: "a" top: "b" input_param { shape { dim: [1, 2, 3, 4] } shape { dim: [5, 6, 7, 8] } } }'],
    ["without sizes it is dropped", 'input: "data"', ""],
    ["placed first, wherever it is written", `layer { name: "r" type: "ReLU" bottom: "data" top: "r" } ${dims}`, `${input}layer { name: "r" type: "ReLU" bottom: "data" top: "r" }`],
  ])("%s", (_, old, modern) => {
    checkSame(old, modern, old.includes("layer") ? "V2" : "empty");
  });
});

describe("V1", () => {
  const layers = (body: string): string => `layers { name: "x" ${body} }`;
  const layer = (body: string): string => `layer { name: "x" ${body} }`;
  test.each([
    ["rates and decays", "blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0", "param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }"],
    ["lists of different length", 'param: "w" blobs_lr: [1, 2, 3] weight_decay: 5 blob_share_mode: PERMISSIVE', 'param { name: "w" lr_mult: 1 decay_mult: 5 share_mode: PERMISSIVE } param { lr_mult: 2 } param { lr_mult: 3 }'],
    ["rules and loss weights", "include { phase: TEST } exclude { stage: 's' } loss_weight: 2", "include { phase: TEST } exclude { stage: 's' } loss_weight: 2"],
    ["blobs", "blobs { num: 1 channels: 2 data: 3 }", "blobs { num: 1 channels: 2 data: 3 }"],
    ["data", 'type: DATA data_param { source: "s" scale: 2 crop_size: 3 batch_size: 4 }', 'type: "Data" data_param { source: "s" batch_size: 4 } transform_param { scale: 2 crop_size: 3 }'],
    ["data, over a transform_param", "type: DATA transform_param { mirror: false scale: 9 } data_param { scale: 2 mirror: true }", 'type: "Data" data_param { } transform_param { mirror: true scale: 2 }'],
    ["data, beside a transform_param", "type: DATA transform_param { mirror: false scale: 9 } data_param { crop_size: 3 }", 'type: "Data" data_param { } transform_param { mirror: false scale: 9 crop_size: 3 }'],
    ["images", 'type: IMAGE_DATA image_data_param { mean_file: "m" new_width: 3 mirror: true }', 'type: "ImageData" image_data_param { new_width: 3 } transform_param { mean_file: "m" mirror: true }'],
    ["windows", 'type: WINDOW_DATA window_data_param { mean_file: "m" crop_size: 3 }', 'type: "WindowData" window_data_param { } transform_param { mean_file: "m" crop_size: 3 }'],
    ["no data of its type", "type: RELU data_param { scale: 2 }", 'type: "ReLU" data_param { scale: 2 }'],
    ["type by number", "type: 4", 'type: "Convolution"'],
    ["no type", "", ""],
    ["NONE", "type: NONE", 'type: ""'],
  ])("%s", (_, old, modern) => {
    const both = old.includes("exclude") ? ["include-and-exclude"] : [];
    checkSame(layers(old), layer(modern), "V1", both);
  });

  test("every type has the name that the upgrade gives it, and back", () => {
    const types = schemaOf("bvlc").enums.get("V1LayerParameter.LayerType")!;
    const renamed = [...types.docs].map(([name, doc]) => [name, /`(\w+)`/.exec(doc)?.[1] ?? ""]);
    expect(renamed.length).toBe(40);
    expect(renamed.map(([name]) => [name, modernType(name!)])).toEqual(renamed);
    for (const [name, modern] of renamed) expect(legacyType(modern!, types.values.keys())).toBe(name);
    expect(legacyType("BatchNorm", types.values.keys())).toBeUndefined();
  });
});

describe("V0", () => {
  const layers = (body: string, outside = ""): string => `layers { layer { name: "x" ${body} } ${outside} }`;
  const layer = (body: string): string => `layer { name: "x" ${body} }`;
  const filler = 'weight_filler { type: "xavier" } bias_filler { type: "constant" value: 1 }';
  test.each([
    ["conv", `type: "conv" num_output: 2 kernelsize: 3 stride: 2 pad: 1 group: 1 biasterm: false ${filler} blobs_lr: 1 blobs_lr: 2 weight_decay: 1`, `type: "Convolution" convolution_param { num_output: 2 kernel_size: 3 stride: 2 pad: 1 group: 1 bias_term: false ${filler} } param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 }`],
    ["innerproduct", `type: "innerproduct" num_output: 2 biasterm: true ${filler}`, `type: "InnerProduct" inner_product_param { num_output: 2 bias_term: true ${filler} }`],
    ["pool", 'type: "pool" pool: AVE kernelsize: 3 stride: 2 pad: 1', 'type: "Pooling" pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }'],
    ["lrn", 'type: "lrn" local_size: 3 alpha: 1 beta: 2 k: 3', 'type: "LRN" lrn_param { local_size: 3 alpha: 1 beta: 2 k: 3 }'],
    ["dropout", 'type: "dropout" dropout_ratio: 0.3', 'type: "Dropout" dropout_param { dropout_ratio: 0.3 }'],
    ["concat", 'type: "concat" concat_dim: 0', 'type: "Concat" concat_param { concat_dim: 0 }'],
    ["data", 'type: "data" source: "s" batchsize: 3 cropsize: 4 mirror: true scale: 2 meanfile: "m" rand_skip: 1', 'type: "Data" data_param { source: "s" batch_size: 3 rand_skip: 1 } transform_param { crop_size: 4 mirror: true scale: 2 mean_file: "m" }'],
    ["images", 'type: "images" source: "s" batchsize: 3 shuffle_images: true new_height: 3 new_width: 4', 'type: "ImageData" image_data_param { source: "s" batch_size: 3 shuffle: true new_height: 3 new_width: 4 }'],
    ["windows", 'type: "window_data" source: "s" det_fg_threshold: 0.1 det_bg_threshold: 0.2 det_fg_fraction: 0.3 det_context_pad: 4 det_crop_mode: "warp"', 'type: "WindowData" window_data_param { source: "s" fg_threshold: 0.1 bg_threshold: 0.2 fg_fraction: 0.3 context_pad: 4 crop_mode: "warp" }'],
    ["infogain_loss", 'type: "infogain_loss" source: "s"', 'type: "InfogainLoss" infogain_loss_param { source: "s" }'],
    ["hdf5_output", 'type: "hdf5_output" hdf5_output_param { file_name: "f" }', 'type: "HDF5Output" hdf5_output_param { file_name: "f" }'],
    ["what is foreign to the type is dropped", 'type: "relu" num_output: 2 kernelsize: 3 source: "s" dropout_ratio: 0.5 hdf5_output_param { file_name: "f" }', 'type: "ReLU"'],
    ["but not what is now in transform_param", 'type: "relu" scale: 2 cropsize: 1', 'type: "ReLU" transform_param { scale: 2 crop_size: 1 }'],
    ["im2col has no parameters", 'type: "im2col" kernelsize: 3', 'type: "Im2col"'],
    ["no type", "", ""],
  ])("%s", (_, old, modern) => { checkSame(layers(old), layer(modern), "V0"); });

  test("rules and loss weights are lost on the way", () => {
    checkSame(layers('type: "relu"', 'bottom: "data" top: "r" include { phase: TRAIN } loss_weight: 2') + dims, `${input}layer { name: "x" type: "ReLU" bottom: "data" top: "r" }`, "V0");
  });

  test.each(Object.entries({ accuracy: "Accuracy", bnll: "BNLL", euclidean_loss: "EuclideanLoss", flatten: "Flatten", hdf5_data: "HDF5Data", multinomial_logistic_loss: "MultinomialLogisticLoss", sigmoid: "Sigmoid", softmax: "Softmax", softmax_loss: "SoftmaxWithLoss", split: "Split", tanh: "TanH" }))("%s is %s", (old, modern) => {
    expect(readNet(readDocument(layers(`type: "${old}"`))).layers.map((one) => one.type)).toEqual([modern]);
  });

  test("unknown types are Caffe's fatal error", () => {
    const { diagnostics } = readNet(readDocument(layers('type: "relux"')));
    expect(diagnostics.map((d) => [d.code, d.severity, d.caffe])).toEqual([["unknown-layer-type", "error", "Unknown layer name: relux"]]);
  });

  const pad = (top: string, bottom = "data"): string => `layers { layer { name: "pad" type: "padding" pad: 2 } bottom: "${bottom}" top: "${top}" }`;
  const conv = (bottom: string, more = ""): string => `layers { layer { name: "c" type: "conv" num_output: 2 kernelsize: 3 ${more} } bottom: "${bottom}" top: "c" }`;
  test("padding layers become the pad of the convolution or pooling that reads them", () => {
    const modern = 'layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 2 kernel_size: 3 pad: 2 } }';
    checkSame(dims + pad("p") + conv("p"), input + modern, "V0");
    checkSame(dims + pad("p") + conv("p", "pad: 7"), input + modern, "V0");
    checkSame(dims + pad("p") + 'layers { layer { name: "p1" type: "pool" kernelsize: 3 } bottom: "p" top: "q" }', `${input}layer { name: "p1" type: "Pooling" bottom: "data" top: "q" pooling_param { kernel_size: 3 pad: 2 } }`, "V0");
    checkSame(dims + pad("data") + conv("data"), input + modern, "V0");
  });
  test("padding layers in front of anything else are refused", () => {
    const codes = (text: string): string[] => readNet(readDocument(text)).diagnostics.filter((d) => d.severity === "error").map((d) => d.code);
    expect(codes(`${dims}${pad("p")}layers { layer { name: "r" type: "relu" } bottom: "p" top: "r" }`)).toEqual(["padding-layer"]);
    expect(codes(dims + pad("p") + pad("q", "p") + conv("q"))).toEqual(["padding-layer"]);
    expect(codes(`${dims}${pad("p")}${conv('p" bottom: "data')}`)[0]).toBe("padding-layer");
  });
  test("a blob that is not there stops the upgrade, which calls the bottom's place a layer; before a padding layer too", () => {
    const texts = (text: string): (string | undefined)[] => readNet(readDocument(text)).diagnostics.map((d) => d.caffe);
    expect(texts(dims + pad("p", "dta"))).toEqual(["Unknown blob input dta to layer 0"]);
    expect(texts(dims + conv("dta"))).toEqual(["Unknown blob input dta to layer 0"]);
  });
});

test("both formats in one net are refused, where the old ones begin", () => {
  const text = 'layer { name: "a" type: "ReLU" bottom: "x" top: "a" } layers { name: "b" type: RELU }';
  const found = readNet(readDocument(text)).diagnostics.find((d) => d.code === "mixed-formats")!;
  expect([found.severity, text.slice(found.start, found.end)]).toEqual(["error", "layers"]);
});
