import { describe, test } from "vitest";
import { checkRefused, type LayerText } from "./check-layer.ts";

interface Row extends Partial<LayerText> {
  readonly caffe?: string;
  readonly marks?: string;
  readonly when?: "run";
}

const labels = (axis: string, places: number, given: number): string =>
  `Check failed: outer_num_ * inner_num_ == bottom[1]->count() (${places} vs. ${given}) Number of labels must match number of predictions; e.g., if ${axis} axis == 1 and prediction shape is (N, C, H, W), label count (number of labels) must be N*H*W, with integer values in {0, 1, ..., C-1}.`;
const first = (a: number, b: number): string => `Check failed: bottom[0]->shape(0) == bottom[1]->shape(0) (${a} vs. ${b}) The data and label should have the same first dimension.`;
const legacy = "Check failed: num_axes() <= 4 (5 vs. 4) Cannot use legacy accessors on Blobs with > 4 axes.";
const noData = "Check failed: data_";
const image = { a: [2, 3, 8, 8] };
const twoTops = { tops: ["p", "q"] };

/** What Caffe's sources refuse, with the text they print, for cases that the conformance suite does not have. */
const rows: readonly (readonly [type: string, fields: string, row: Row])[] = [
  ["Flatten", "flatten_param { axis: 3 end_axis: 1 }", { bottoms: image, caffe: "Check failed: start_axis <= end_axis (3 vs. 2)", marks: "1" }],
  ["Flatten", "flatten_param { end_axis: 4 }", { bottoms: image, caffe: "Check failed: axis_index < num_axes() (4 vs. 4) axis 4 out of range for 4-D Blob with shape 2 3 8 8 (384)", marks: "4" }],
  ["Flatten", "", { bottoms: { a: [] }, caffe: "Check failed: axis_index < num_axes() (1 vs. 0) axis 1 out of range for 0-D Blob with shape (1)" }],
  ["Reshape", "reshape_param { shape { dim: -1 dim: 3 dim: -1 } }", { bottoms: image, caffe: "Check failed: inferred_axis_ == -1 (0 vs. -1) new shape contains multiple -1 dims; at most a single (1) value of -1 may be specified", marks: "-1" }],
  ["Reshape", "reshape_param { shape { dim: 0 dim: -2 } }", { bottoms: image, caffe: "Check failed: shape[i] >= 0 (-2 vs. 0)" }],
  ["Reshape", "reshape_param { shape { dim: 1 } axis: -6 }", { bottoms: image, caffe: "Check failed: start_axis >= 0 (-1 vs. 0) axis -6 out of range", marks: "-6" }],
  ["Reshape", "reshape_param { shape { dim: -1 } axis: 1 num_axes: 1 }", { bottoms: { a: [2, 0, 3] }, caffe: noData }],
  ["Reshape", "reshape_param { shape { dim: -1 } axis: 2 }", { bottoms: { a: [2, 0, 3] } }],
  ["Slice", "slice_param { slice_point: 1 slice_point: 2 }", { bottoms: image, ...twoTops, caffe: "Check failed: slice_point_.size() == top.size() - 1 (2 vs. 1)" }],
  ["Slice", "slice_param { slice_point: 5 }", { bottoms: image, ...twoTops, caffe: "Check failed: shape[i] >= 0 (-2 vs. 0)", marks: "5" }],
  ["Slice", "slice_param { slice_point: 0 }", { bottoms: image, ...twoTops, caffe: "Check failed: slice_point_[i] > prev (0 vs. 0)", marks: "0" }],
  ["Slice", "slice_param { slice_dim: 4 }", { bottoms: image, caffe: "Check failed: slice_axis_ < num_axes (4 vs. 4) slice_dim out of range.", marks: "4" }],
  ["Slice", "slice_param { slice_dim: 4294967295 }", { bottoms: image, caffe: "Check failed: slice_axis_ >= 0 (-1 vs. 0) casting slice_dim from uint32 to int32 produced negative result; slice_dim must satisfy 0 <= slice_dim < 32" }],
  ["Slice", "slice_param { axis: 2 }", { bottoms: image, tops: ["a", "q"], caffe: "Check failed: count == bottom[0]->count() (384 vs. 192)", marks: '"a"' }],
  ["Slice", "", { bottoms: { a: [0, 3] }, caffe: noData }],
  ["Concat", "concat_param { axis: 1 concat_dim: 1 }", { bottoms: image, caffe: "Check failed: !(concat_param.has_axis() && concat_param.has_concat_dim()) Either axis or concat_dim should be specified; not both." }],
  ["Concat", "concat_param { concat_dim: 4 }", { bottoms: image, caffe: "Check failed: concat_axis_ < num_axes (4 vs. 4) concat_dim out of range." }],
  ["Concat", "concat_param { axis: -5 }", { bottoms: image, caffe: "Check failed: axis_index >= -num_axes() (-5 vs. -4) axis -5 out of range for 4-D Blob with shape 2 3 8 8 (384)" }],
  ["Concat", "", { bottoms: { a: [2, 3, 4], b: [2, 3, 5] }, caffe: "Check failed: top_shape[j] == bottom[i]->shape(j) (4 vs. 5) All inputs must have the same shape, except at concat_axis.", marks: '"b"' }],
  ["Eltwise", "eltwise_param { coeff: 1 }", { bottoms: { a: [2], b: [2] }, caffe: "Check failed: this->layer_param().eltwise_param().coeff_size() == 0 || this->layer_param().eltwise_param().coeff_size() == bottom.size() Eltwise Layer takes one coefficient per bottom blob." }],
  ["Eltwise", "eltwise_param { operation: PROD coeff: 1 coeff: 1 }", { bottoms: { a: [2], b: [2] }, caffe: "Check failed: !(this->layer_param().eltwise_param().operation() == EltwiseParameter_EltwiseOp_PROD && this->layer_param().eltwise_param().coeff_size()) Eltwise layer only takes coefficients for summation." }],
  ["ArgMax", "argmax_param { top_k: 0 }", { bottoms: image, caffe: "Check failed: top_k_ >= 1 (0 vs. 1) top k must not be less than 1." }],
  ["ArgMax", "argmax_param { top_k: 7 }", { bottoms: { a: [2, 3, 2] }, caffe: "Check failed: top_k_ <= bottom[0]->count(1) (7 vs. 6) top_k must be less than or equal to the dimension of the flattened bottom blob per instance." }],
  ["ArgMax", "argmax_param { axis: 4 }", { bottoms: image, caffe: "Check failed: axis_index < num_axes() (4 vs. 4) axis 4 out of range for 4-D Blob with shape 2 3 8 8 (384)" }],
  ["Reduction", "reduction_param { axis: 1 }", { bottoms: { a: [2, 0] }, caffe: noData }],
  ["Reduction", "reduction_param { axis: 1 }", { bottoms: { a: [2, 3] }, tops: ["a"], caffe: "Check failed: axis_index < num_axes() (1 vs. 1) axis 1 out of range for 1-D Blob with shape 2 (2)", when: "run", marks: '"a"' }],
  ["Tile", "tile_param { tiles: 0 }", { bottoms: image, caffe: "Check failed: tiles_ > 0 (0 vs. 0) Number of tiles must be positive.", marks: "0" }],
  ["Softmax", "", { bottoms: { a: [2, 0] }, caffe: noData }],
  ["Softmax", "softmax_param { engine: CUDNN }", { bottoms: image, caffe: "Layer x has unknown engine.", marks: "CUDNN" }],
  ["ReLU", "relu_param { engine: CUDNN }", { bottoms: image, caffe: "Layer x has unknown engine." }],
  ["Filter", "", { bottoms: { a: [4, 2], s: [4, 2] }, caffe: "Check failed: bottom[selector_index]->shape(i) == 1 (2 vs. 1) Selector blob dimensions must be singletons (1), except the first", marks: '"s"' }],
  ["Filter", "", { bottoms: { a: [0, 2], s: [0] }, caffe: noData }],
  ["BatchReindex", "", { bottoms: { a: [4, 2], i: [3, 1] }, caffe: "Check failed: 1 == bottom[1]->num_axes() (1 vs. 2)" }],
  ["Accuracy", "", { bottoms: { a: [0, 3], l: [0] } }],
  ["Accuracy", "accuracy_param { axis: 2 }", { bottoms: { a: [2, 3], l: [2] }, caffe: "Check failed: axis_index < num_axes() (2 vs. 2) axis 2 out of range for 2-D Blob with shape 2 3 (6)" }],
  ["Accuracy", "", { bottoms: { a: [2, 3], l: [7] }, caffe: "Check failed: top_k_ <= bottom[0]->count() / bottom[1]->count() (1 vs. 0) top_k must be less than or equal to the number of classes." }],
  ["Exp", "exp_param { base: -2 }", { bottoms: image, caffe: "Check failed: base > 0 (-2 vs. 0) base must be strictly positive." }],
  ["Exp", "exp_param { base: inf }", { bottoms: image, caffe: "Check failed: !isinf(log_base) Inf result: log(base) = log(inf) = inf" }],
  ["Log", "log_param { base: 1 }", { bottoms: image, caffe: "Check failed: !isinf(base_scale_) Inf result: 1/log(base) = 1/log(1) = inf" }],
  ["Log", "log_param { base: -0.5 }", { bottoms: image, caffe: "Check failed: base > 0 (-0.5 vs. 0) base must be strictly positive." }],
  ["SoftmaxWithLoss", "loss_weight: 1 loss_weight: 0", { bottoms: { a: [4, 3], l: [4] }, ...twoTops, caffe: "Check failed: top.size() == num_loss_weights (1 vs. 2) loss_weight must be unspecified or specified once per top blob." }],
  ["SoftmaxWithLoss", "", { bottoms: { a: [4, 3], l: [3] }, caffe: first(4, 3), marks: '"l"' }],
  ["SoftmaxWithLoss", "", { bottoms: { a: [4, 3, 2, 2], l: [4] }, caffe: labels("softmax", 16, 4) }],
  ["SoftmaxWithLoss", "softmax_param { axis: 2 }", { bottoms: { a: [4, 3], l: [4] }, caffe: "Check failed: axis_index < num_axes() (2 vs. 2) axis 2 out of range for 2-D Blob with shape 4 3 (12)" }],
  ["SoftmaxWithLoss", "", { bottoms: { a: [4, 3], l: [] }, caffe: "Check failed: axis_index < num_axes() (0 vs. 0) axis 0 out of range for 0-D Blob with shape (1)" }],
  ["InfogainLoss", "", { bottoms: { a: [4, 3], l: [4] }, caffe: "Check failed: this->layer_param_.infogain_loss_param().has_source() Infogain matrix source must be specified." }],
  ["InfogainLoss", "", { bottoms: { a: [4, 3, 2], l: [4], H: [3, 3] }, caffe: labels("infogain", 8, 4) }],
  ["SigmoidCrossEntropyLoss", "", { bottoms: { a: [2, 3], t: [2, 4] }, caffe: "Check failed: bottom[0]->count() == bottom[1]->count() (6 vs. 8) SIGMOID_CROSS_ENTROPY_LOSS layer inputs must have the same count." }],
  ["EuclideanLoss", "", { bottoms: { a: [2, 3], t: [3, 2] }, caffe: first(2, 3) }],
  ["EuclideanLoss", "", { bottoms: { a: [2, 1, 1, 1, 3], t: [2, 3] }, caffe: legacy, when: "run" }],
  ["HingeLoss", "", { bottoms: { a: [2, 1, 1, 1, 3], l: [2] }, caffe: legacy, when: "run" }],
  ["MultinomialLogisticLoss", "", { bottoms: { a: [2, 3], l: [2, 1, 1, 1, 1] }, caffe: legacy }],
  ["MultinomialLogisticLoss", "", { bottoms: { a: [2, 3], l: [2, 1, 4] }, caffe: "Check failed: bottom[1]->height() == 1 (4 vs. 1)" }],
  ["ContrastiveLoss", "", { bottoms: { a: [2, 3, 2], b: [2, 3], s: [2] }, caffe: "Check failed: bottom[0]->height() == 1 (2 vs. 1)" }],
  ["ContrastiveLoss", "", { bottoms: { a: [2, 3], b: [2, 3], s: [2, 2] }, caffe: "Check failed: bottom[2]->channels() == 1 (2 vs. 1)" }],
  ["ContrastiveLoss", "", { bottoms: { a: [2, 3], b: [3, 3], s: [2] }, caffe: first(2, 3) }],
  ["HDF5Output", 'hdf5_output_param { file_name: "o.h5" }', { bottoms: { a: [2, 3], l: [3] }, tops: [], caffe: "Check failed: bottom[0]->num() == bottom[1]->num() (2 vs. 3)", when: "run" }],
  ["HDF5Data", 'hdf5_data_param { source: "l" batch_size: 1 } transform_param { scale: 2 }', { caffe: "Check failed: !this->layer_param_.has_transform_param() HDF5Data does not transform data.", marks: "transform_param" }],
  ["Data", "data_param { batch_size: 2 } transform_param { mean_file: 'm' mean_value: 3 }", { caffe: "Check failed: param_.mean_value_size() == 0 (1 vs. 0) Cannot specify mean_file and mean_value at the same time" }],
  ["Data", "data_param {}", { caffe: noData }],
  ["ImageData", "image_data_param { new_height: 20 }", { ...twoTops, caffe: "Check failed: (new_height == 0 && new_width == 0) || (new_height > 0 && new_width > 0) Current implementation requires new_height and new_width to be set at the same time." }],
  ["ImageData", "image_data_param { new_height: 20 new_width: 30 } transform_param { crop_size: 24 }", { ...twoTops, caffe: "Check failed: img_height >= crop_size (20 vs. 24)" }],
  ["ImageData", "image_data_param { batch_size: 0 }", { ...twoTops, caffe: "Check failed: batch_size > 0 (0 vs. 0) Positive batch size required" }],
  ["WindowData", "window_data_param { batch_size: 2 }", { ...twoTops, caffe: "Check failed: crop_size > 0 (0 vs. 0)" }],
  ["MemoryData", "", { ...twoTops, caffe: "Check failed: batch_size_ * size_ > 0 (0 vs. 0) batch_size, channels, height, and width must be specified and positive in memory_data_param" }],
  ["DummyData", "dummy_data_param { shape { dim: 2 } shape { dim: 2 } }", { caffe: "Check failed: param.shape_size() == 1 || param.shape_size() == num_top Must specify 'shape' once, or once per top blob (1); specified 2." }],
  ["DummyData", 'dummy_data_param { shape { dim: 2 } data_filler { type: "ones" } }', { caffe: "Check failed: false Unknown filler name: ones", marks: '"ones"' }],
  ["DummyData", "dummy_data_param { shape { dim: 2 dim: 0 } }", { caffe: noData }],
  ["DummyData", "dummy_data_param { shape { dim: -2 } }", { caffe: "Check failed: shape[i] >= 0 (-2 vs. 0)", marks: "-2" }],
  ["DummyData", "dummy_data_param { shape { dim: 2 } data_filler { sparse: 1 } }", { caffe: "Check failed: this->filler_param_.sparse() == -1 (1 vs. -1) Sparsity not supported by this Filler." }],
  ["DummyData", 'dummy_data_param { shape { dim: 2 dim: 3 dim: 4 dim: 5 } data_filler { type: "bilinear" } }', { caffe: "Check failed: blob->width() == blob->height() (5 vs. 4) Filter must be square", when: "run" }],
  ["Input", "input_param { shape { dim: 2 dim: -3 } }", { caffe: "Check failed: shape[i] >= 0 (-3 vs. 0)", marks: "-3" }],
  ["Permute", "permute_param { order: 0 order: 4 }", { bottoms: image, dialect: "ssd", caffe: "Check failed: order < num_axes_ (4 vs. 4) order should be less than the input dimension." }],
  ["PriorBox", "prior_box_param { max_size: 3 }", { bottoms: { a: [1, 3, 4, 4], d: [1, 3, 9, 9] }, dialect: "ssd", caffe: "Check failed: prior_box_param.min_size_size() > 0 (0 vs. 0) must provide min_size." }],
  ["DetectionOutput", "detection_output_param { num_classes: 21 }", { bottoms: { l: [1, 20], c: [1, 84], p: [1, 2, 16] }, dialect: "ssd", caffe: "Check failed: num_priors_ * num_loc_classes_ * 4 == bottom[0]->channels() (16 vs. 20) Number of priors must match number of location predictions." }],
  ["Axpy", "", { bottoms: { s: [2, 3, 2, 1], a: [2, 3, 4, 5], b: [2, 3, 4, 5] }, dialect: "nvidia", caffe: "Check failed: bottom[0]->shape(2) == 1 (2 vs. 1)" }],
];

describe("refusals by hand", () => {
  test.each(rows.map((row, i) => [`${row[0]} ${row[1]} ${i}`, row] as const))("%s", (_name, [type, fields, { caffe, marks, when, ...layer }]) => {
    checkRefused({ type, fields, ...layer }, { ...(caffe !== undefined && { caffe }), ...(marks !== undefined && { marks }), ...(when !== undefined && { when }) });
  });
});
