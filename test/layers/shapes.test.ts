import { describe, test } from "vitest";
import { checkShapes, type LayerText } from "./check-layer.ts";

type Row = readonly [type: string, bottoms: LayerText["bottoms"], fields: string, tops: readonly (readonly (number | null)[] | undefined)[], more?: Partial<LayerText>];

/** Shapes worked by hand from Caffe's sources, for parameters that the conformance suite does not have. */
const rows: readonly Row[] = [
  // Flatten::Reshape: an empty range of axes becomes an axis of 1.
  ["Flatten", { a: [2, 3, 4, 5] }, "flatten_param { axis: 2 end_axis: 1 }", [[2, 3, 1, 4, 5]]],
  ["Flatten", { a: [2, 3, 4, 5] }, "flatten_param { axis: 0 end_axis: -3 }", [[6, 4, 5]]],
  ["Flatten", { a: [5] }, "flatten_param { axis: 0 }", [[5]]],
  // Reshape: axis -1 adds after the last axis; 0 copies by position even past the replaced axes.
  ["Reshape", { a: [2, 3] }, "reshape_param { shape { dim: 1 dim: 1 } axis: -1 }", [[2, 3, 1, 1]]],
  ["Reshape", { a: [2, 3] }, "reshape_param { shape { dim: 1 } axis: -3 num_axes: 0 }", [[1, 2, 3]]],
  ["Reshape", { a: [4, 2, 2] }, "reshape_param { shape { dim: -1 dim: 0 } num_axes: 1 }", [[2, 2, 2, 2]]],
  ["Reshape", { a: [1, 1] }, "reshape_param { shape {} }", [[]]],
  ["Reshape", { a: [] }, "reshape_param { shape { dim: 1 dim: -1 } }", [[1, 1]]],
  // Slice and Concat along axes counted from the end, and by the older names.
  ["Slice", { a: [2, 6] }, "slice_param { axis: -1 slice_point: 1 slice_point: 4 }", [[2, 1], [2, 3], [2, 2]], { tops: ["p", "q", "r"] }],
  ["Slice", { a: [6, 2] }, "slice_param { slice_dim: 0 }", [[2, 2], [2, 2], [2, 2]], { tops: ["p", "q", "r"] }],
  ["Concat", { a: [2, 3], b: [2, 0] }, "", [[2, 3]]],
  ["Concat", { a: [1, 2, 3], b: [1, 2, 4], c: [1, 2, 5] }, "concat_param { axis: 2 }", [[1, 2, 12]]],
  // ArgMax without axis has at least three axes.
  ["ArgMax", { a: [5] }, "", [[5, 1, 1]]],
  ["ArgMax", { a: [2, 3, 4, 5, 6] }, "argmax_param { top_k: 7 out_max_val: true }", [[2, 2, 7, 1, 1]]],
  ["ArgMax", { a: [2, 3, 4] }, "argmax_param { axis: -2 top_k: 2 }", [[2, 2, 4]]],
  ["Reduction", { a: [2, 3] }, "", [[]]],
  ["Reduction", { a: [2, 0, 3] }, "reduction_param { axis: 1 operation: ASUM }", [[2]]],
  ["Tile", { a: [2, 3] }, "tile_param { tiles: 4 axis: -1 }", [[2, 12]]],
  ["Softmax", { a: [0, 3] }, "", [[0, 3]]],
  ["Eltwise", { a: [], b: [] }, "eltwise_param { operation: MAX coeff: 1 coeff: 2 }", [[]]],
  ["Split", { a: [2, 3] }, "", [[2, 3], [2, 3], [2, 3]], { tops: ["p", "q", "r"] }],
  // Filter: the first bottom gives all tops their batch.
  ["Filter", { a: [4, 2], b: [4, 3, 3], s: [4, 1, 1] }, "", [[4, 2], [4, 3, 3]], { tops: ["p", "q"] }],
  ["BatchReindex", { a: [4, 2, 3], i: [7] }, "", [[7, 2, 3]]],
  ["BatchReindex", { a: [4, 2, 3], i: [0] }, "", [[0, 2, 3]]],
  ["Accuracy", { a: [2, 3, 4], l: [2, 3] }, "accuracy_param { axis: -1 top_k: 4 }", [[], [4]], { tops: ["acc", "each"] }],
  ["Accuracy", { a: [2, 5], l: [2, 1, 1, 1] }, "", [[], [5, 1, 1, 1]], { tops: ["acc", "each"], dialect: "segnet" }],
  ["Parameter", {}, "parameter_param { shape { dim: 2 dim: 3 } }", [[2, 3]]],
  ["Parameter", {}, "", [[]]],
  // Losses without a top have one of their own; labels may have more axes as long as the count fits.
  ["SoftmaxWithLoss", { a: [2, 3, 4], l: [2, 1, 2, 2] }, "", [[]], { tops: [] }],
  ["InfogainLoss", { a: [2, 3], l: [2], H: [9] }, "loss_weight: 1 loss_weight: 0", [[], [2, 3]], { tops: ["loss", "prob"] }],
  ["InfogainLoss", { a: [2, 3], l: [2] }, 'infogain_loss_param { source: "H.binaryproto" }', [[]]],
  ["SigmoidCrossEntropyLoss", { a: [2, 3, 2, 2, 2], b: [2, 24] }, "", [[]]],
  ["HingeLoss", { a: [2, 3], l: [2, 5] }, "", [[]]],
  ["ContrastiveLoss", { a: [2, 3], b: [2, 3], s: [9] }, "", [[]]],
  // Data layers: what the text tells.
  ["Data", {}, "data_param { batch_size: 32 } transform_param { crop_size: 227 }", [[32, null, 227, 227], [32]], { tops: ["data", "label"] }],
  ["Data", {}, "data_param { batch_size: 8 } transform_param { mean_value: 1 mean_value: 2 mean_value: 3 }", [[8, 3, null, null]]],
  ["ImageData", {}, "image_data_param { new_height: 40 new_width: 60 batch_size: 4 } transform_param { crop_size: 32 }", [[4, 3, 32, 32], [4]], { tops: ["data", "label"] }],
  ["ImageData", {}, "image_data_param { new_height: 40 new_width: 60 is_color: false }", [[1, 1, 40, 60], [1]], { tops: ["data", "label"] }],
  ["WindowData", {}, "window_data_param { batch_size: 128 } transform_param { crop_size: 227 }", [[128, null, 227, 227], [128]], { tops: ["data", "label"] }],
  ["MemoryData", {}, "memory_data_param { batch_size: 2 channels: 3 height: 8 width: 9 } transform_param { crop_size: 5 }", [[2, 3, 8, 9], [2]], { tops: ["data", "label"] }],
  ["HDF5Data", {}, 'hdf5_data_param { source: "list.txt" batch_size: 4 }', [undefined, undefined], { tops: ["data", "label"] }],
  ["DummyData", {}, "dummy_data_param { num: 2 channels: 3 channels: 4 height: 5 width: 6 }", [[2, 3, 5, 6], [2, 4, 5, 6]], { tops: ["p", "q"] }],
  ["DummyData", {}, "dummy_data_param { shape { dim: 2 } shape {} }", [[2], []], { tops: ["p", "q"] }],
  // 2^32 + 3 as an int is 3.
  ["Input", {}, "input_param { shape { dim: 4294967299 } }", [[3]]],
  ["Input", {}, "input_param { shape { dim: 2 } shape { dim: 3 dim: 4 } }", [[2], [3, 4]], { tops: ["p", "q"] }],
  // Other Caffes.
  ["Permute", { a: [1, 12, 38, 39] }, "permute_param { order: 0 order: 2 order: 3 order: 1 }", [[1, 38, 39, 12]], { dialect: "ssd" }],
  ["Permute", { a: [1, 2, 3] }, "permute_param { order: 2 }", [[3, 1, 2]], { dialect: "ssd" }],
  // SSD300, conv4_3: 38 x 38 positions of 4 boxes of 4 numbers.
  ["PriorBox", { a: [1, 512, 38, 38], d: [1, 3, 300, 300] }, "prior_box_param { min_size: 30 max_size: 60 aspect_ratio: 2 variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 }", [[1, 2, 23104]], { dialect: "ssd" }],
  ["PriorBox", { a: [1, 8, 2, 3], d: [1, 3, 9, 9] }, "prior_box_param { min_size: 3 aspect_ratio: 2 aspect_ratio: 0.5 aspect_ratio: 3 flip: false }", [[1, 2, 96]], { dialect: "ssd" }],
  ["DetectionOutput", { l: [1, 16], c: [1, 84], p: [1, 2, 16] }, "detection_output_param { num_classes: 21 }", [[1, 1, 1, 7]], { dialect: "ssd" }],
  ["MultiBoxLoss", { l: [2, 16], c: [2, 84], p: [1, 2, 16], g: [1, 1, 5, 8] }, "multibox_loss_param { num_classes: 21 }", [[]], { dialect: "ssd" }],
  ["AnnotatedData", {}, "data_param { batch_size: 8 } transform_param { resize_param { height: 300 width: 310 } mean_value: 104 mean_value: 117 mean_value: 123 }", [[8, 3, 300, 310], [null, 1, null, null]], { tops: ["data", "label"], dialect: "ssd" }],
  ["VideoData", {}, "data_param { batch_size: 1 } transform_param { resize_param { height: 300 width: 300 resize_mode: FIT_SMALL_SIZE } }", [[1, 3, null, null]], { dialect: "ssd" }],
  ["ReLU6", { a: [2, 3] }, "", [[2, 3]], { dialect: "mobilenet-yolo" }],
  ["Yolov3DetectionOutput", { a: [1, 255, 13, 13], b: [1, 255, 26, 26] }, "", [[1, 1, 1, 7]], { dialect: "mobilenet-yolo" }],
  ["Axpy", { s: [2, 3, 1, 1], a: [2, 3, 4, 5], b: [2, 3, 4, 5] }, "", [[2, 3, 4, 5]], { dialect: "nvidia" }],
  ["DetectNetTransformation", { a: [2, 3, 400, 1300], l: [2, 1, 9, 16] }, "detectnet_groundtruth_param { stride: 16 }", [[2, 3, 384, 1248], [2, null, 24, 78]], { tops: ["p", "q"], dialect: "nvidia" }],
  ["DenseImageData", {}, "dense_image_data_param { batch_size: 4 new_height: 360 new_width: 480 }", [[4, 3, 360, 480], [4, 1, 360, 480]], { tops: ["data", "label"], dialect: "segnet" }],
  ["ImageSegData", {}, "image_data_param { batch_size: 2 } transform_param { crop_size: 321 }", [[2, 3, 321, 321], [2, 1, 321, 321], [2, 1, 1, 2]], { tops: ["data", "label", "dim"], dialect: "deeplab-v2" }],
  ["SegAccuracy", { a: [2, 21, 41, 41], l: [2, 1, 41, 41] }, "", [[1, 1, 1, 3]], { dialect: "pspnet" }],
  ["UniqueLabel", { l: [2, 1, 41, 41] }, "unique_label_param { max_labels: 5 }", [[2, 5, 1, 1]], { dialect: "deeplab-v2" }],
  ["DenseCRF", { a: [2, 21, 41, 41], d: [2, 1, 1, 2] }, "", [[2, 21, 41, 41]], { dialect: "deeplab-v2" }],
];

describe("shapes by hand", () => {
  test.each(rows.map((row, i) => [`${row[0]} ${row[2]} ${i}`, row] as const))("%s", (_name, [type, bottoms, fields, tops, more]) => {
    checkShapes({ type, bottoms: bottoms ?? {}, fields, ...more }, tops);
  });
});
