import { describe, test } from "vitest";
import { checkRefused, checkShapes, type LayerText } from "./check-layer.ts";

interface Row extends Partial<LayerText> {
  /** Undefined where the process dies, or the text is our own. */
  readonly caffe?: string;
  readonly marks?: string;
  readonly when?: "run";
}

const image = { a: [2, 3, 8, 8] };
const noData = "Check failed: data_";
const crash = "Floating point exception (SIGFPE, no message): integer division by zero";
const negative = (size: number): string => `Check failed: shape[i] >= 0 (${size} vs. 0)`;
const fourAxes = (rank: number): string => `Check failed: 4 == bottom[0]->num_axes() (4 vs. ${rank}) Input must have 4 axes, corresponding to (num, channels, height, width)`;
const legacy = "Check failed: num_axes() <= 4 (5 vs. 4) Cannot use legacy accessors on Blobs with > 4 axes.";
const conv = (fields: string): string => `convolution_param { num_output: 4 ${fields} }`;
const twoTops = { tops: ["p", "q"] };

/** What Caffe says of parameters that the conformance suite does not have, from its sources. */
const rows: readonly (readonly [type: string, fields: string, row: Row])[] = [
  // base_conv_layer.cpp, LayerSetUp, in its order.
  ["Convolution", conv("kernel_size: 3 axis: 4"), { bottoms: image, caffe: "Check failed: axis_index < num_axes() (4 vs. 4) axis 4 out of range for 4-D Blob with shape 2 3 8 8 (384)", marks: "4" }],
  ["Convolution", conv("kernel_h: 3 kernel_w: 3"), { bottoms: { a: [2, 3, 8] }, caffe: "Check failed: num_spatial_axes_ == 2 (1 vs. 2) kernel_h & kernel_w can only be used for 2D convolution." }],
  ["Convolution", conv("kernel_size: 3 stride: 1 stride_w: 2"), { bottoms: image, caffe: "Check failed: 0 == conv_param.stride_size() (0 vs. 1) Either stride or stride_h/w should be specified; not both." }],
  ["Convolution", conv("kernel_size: 3 stride: 0"), { bottoms: image, caffe: "Check failed: stride_data[i] > 0 (0 vs. 0) Stride dimensions must be nonzero.", marks: "0" }],
  ["Convolution", conv("kernel_size: 3 stride_w: 2"), { bottoms: image, caffe: crash, marks: "2" }],
  ["Convolution", conv("kernel_size: 3 pad: 1 pad_h: 1"), { bottoms: image, caffe: "Check failed: 0 == conv_param.pad_size() (0 vs. 1) Either pad or pad_h/w should be specified; not both." }],
  ["Convolution", conv("kernel_size: 3 pad: [1, 1, 1]"), { bottoms: image, caffe: "Check failed: num_pad_dims == 0 || num_pad_dims == 1 || num_pad_dims == num_spatial_axes_ pad must be specified once, or once per spatial dimension (pad specified 3 times; 2 spatial dims)." }],
  ["Convolution", conv("kernel_size: [3, 3]"), { bottoms: { a: [2, 3] }, caffe: "Check failed: num_kernel_dims == 1 || num_kernel_dims == num_spatial_axes_ kernel_size must be specified once, or once per spatial dimension (kernel_size specified 2 times; 0 spatial dims)." }],
  ["Convolution", "convolution_param { kernel_size: 3 }", { bottoms: image, caffe: "Check failed: num_output_ > 0 (0 vs. 0)" }],
  ["Convolution", conv("kernel_size: 3 group: 0"), { bottoms: image, caffe: crash, marks: "0" }],
  ["Convolution", conv("kernel_size: 3 group: 3"), { bottoms: image, caffe: "Check failed: num_output_ % group_ == 0 (1 vs. 0) Number of output should be multiples of group." }],
  ["Convolution", conv("kernel_size: 3"), { bottoms: { a: [2, 0, 8, 8] }, caffe: noData }],
  ["Convolution", conv('kernel_size: 3 weight_filler { type: "xavier" }'), { bottoms: { a: [2, 0, 8, 8] }, caffe: "Check failed: blob->count()" }],
  ["Convolution", conv("kernel_size: 3 bias_term: false") + " blobs { shape { dim: 4 dim: 3 dim: 3 dim: 3 } data: 1 }", { bottoms: image, caffe: "Check failed: count_ == proto.data_size() (108 vs. 1)" }],
  ["Convolution", conv("kernel_size: 1") + " blobs { shape { dim: 4 dim: 3 dim: 1 dim: 1 } data: [1,2,3,4,5,6,7,8,9,10,11,12] } blobs { num: 1 channels: 1 height: 1 width: 4 data: [1,2,3,4] }", { bottoms: image, caffe: "Incorrect bias shape: expected shape 4 (4); instead, shape was 1 1 1 4 (4)" }],
  ["Convolution", conv("kernel_size: 9 pad: 1 dilation: 2"), { bottoms: image, caffe: negative(-6) }],
  // A kernel one larger than its input gives size 0, which takes no bias.
  ["Convolution", conv("kernel_size: 9"), { bottoms: image, caffe: noData }],
  // The column buffer: 3 x 9 values at 23,168 x 23,168 positions.
  ["Convolution", conv("kernel_size: 3 pad: 1"), { bottoms: { a: [1, 3, 23168, 23168] }, caffe: "Check failed: shape[i] <= 2147483647 / count_ (23168 vs. 3433) blob size exceeds INT_MAX" }],
  ["Convolution", conv("kernel_size: 1"), { bottoms: image, tops: ["a"], caffe: "Check failed: bottom[0]->shape(channel_axis_) == channels_ (4 vs. 3) Input size incompatible with convolution kernel.", when: "run", marks: '"a"' }],
  ["Convolution", "convolution_param { num_output: 3 kernel_size: 6 }", { bottoms: image, tops: ["a"], caffe: negative(-2), when: "run" }],
  // deconv_layer.cpp: sizes need no division, col2im does.
  ["Deconvolution", conv("kernel_size: 3 stride_h: 2"), { bottoms: image, caffe: crash, when: "run" }],
  ["Deconvolution", conv("kernel_size: 2 pad: 5"), { bottoms: image, caffe: negative(-1), marks: "5" }],
  ["Deconvolution", conv("kernel_size: 2 stride: 2 group: 3"), { bottoms: image, caffe: "Check failed: num_output_ % group_ == 0 (1 vs. 0) Number of output should be multiples of group." }],
  ["Deconvolution", conv('kernel_size: 3 weight_filler { type: "bilinear" }'), { bottoms: { a: [2, 3, 8] }, caffe: "Check failed: blob->num_axes() == 4 (3 vs. 4) Blob must be 4 dim." }],
  // filler.hpp, math_functions.cpp.
  ["Convolution", conv('kernel_size: 1 weight_filler { type: "gaussian" std: 0 }'), { bottoms: image, caffe: "Check failed: sigma > 0 (0 vs. 0)", marks: "0" }],
  ["Convolution", conv('kernel_size: 1 weight_filler { type: "uniform" min: 0.5 max: -0.5 }'), { bottoms: image, caffe: "Check failed: a <= b (0.5 vs. -0.5)" }],
  ["Convolution", conv('kernel_size: 1 weight_filler { type: "xavier" sparse: 3 }'), { bottoms: image, caffe: "Check failed: this->filler_param_.sparse() == -1 (3 vs. -1) Sparsity not supported by this Filler.", marks: "3" }],
  ["Convolution", conv('kernel_size: 1 weight_filler { type: "gaussian" sparse: 5 }'), { bottoms: image, caffe: "Check failed: p <= 1 (1.25 vs. 1)" }],
  ["Convolution", conv("kernel_size: 1 bias_filler { sparse: 0 }"), { bottoms: image, caffe: "Check failed: this->filler_param_.sparse() == -1 (0 vs. -1) Sparsity not supported by this Filler." }],
  ["Scale", 'scale_param { num_axes: 0 filler { type: "msra" } }', { bottoms: image, caffe: "Check failed: axis_index < num_axes() (0 vs. 0) axis 0 out of range for 0-D Blob with shape (1)" }],
  // im2col_layer.cpp.
  ["Im2col", "convolution_param { kernel_size: 3 stride: [1, 1, 1] }", { bottoms: image, caffe: "Check failed: num_stride_dims == 0 || num_stride_dims == 1 || num_stride_dims == num_spatial_axes_ stride must be specified once, or once per spatial dimension (stride specified 3 times; 2 spatial dims);" }],
  ["Im2col", "convolution_param { kernel_size: 3 dilation: [1, 1, 1] }", { bottoms: image, caffe: "Check failed: num_dilation_dims == 0 || num_dilation_dims == 1 || num_dilation_dims == num_spatial_axes_ dilation must be specified once, or once per spatial dimension (dilation specified 3 times; 2 spatial dims)." }],
  ["Im2col", "convolution_param { kernel_size: 10 }", { bottoms: image, caffe: negative(-1) }],
  ["Im2col", "convolution_param { kernel_size: 2 stride_h: 2 }", { bottoms: image, caffe: crash }],
  // pooling_layer.cpp.
  ["Pooling", "pooling_param { kernel_size: 0 }", { bottoms: image, caffe: "Check failed: kernel_h_ > 0 (0 vs. 0) Filter dimensions cannot be zero." }],
  ["Pooling", "pooling_param { kernel_h: 2 kernel_w: 0 }", { bottoms: image, caffe: "Check failed: kernel_w_ > 0 (0 vs. 0) Filter dimensions cannot be zero." }],
  ["Pooling", "pooling_param { kernel_size: 2 pad_h: 1 }", { bottoms: image, caffe: "Check failed: (!pool_param.has_pad() && pool_param.has_pad_h() && pool_param.has_pad_w()) || (!pool_param.has_pad_h() && !pool_param.has_pad_w()) pad is pad OR pad_h and pad_w are required." }],
  ["Pooling", "pooling_param { global_pooling: true pad: 1 }", { bottoms: image, caffe: "Check failed: pad_h_ == 0 && pad_w_ == 0 && stride_h_ == 1 && stride_w_ == 1 With Global_pooling: true; only pad = 0 and stride = 1" }],
  ["Pooling", "pooling_param { global_pooling: true stride: 2 }", { bottoms: image, caffe: "Check failed: pad_h_ == 0 && pad_w_ == 0 && stride_h_ == 1 && stride_w_ == 1 With Global_pooling: true; only pad = 0 and stride = 1", marks: "2" }],
  ["Pooling", "pooling_param { global_pooling: true }", { bottoms: { a: [2, 3, 4, 5, 6] }, caffe: legacy }],
  ["Pooling", "pooling_param { global_pooling: true }", { bottoms: { a: [2, 3] }, caffe: fourAxes(2) }],
  ["Pooling", "pooling_param { global_pooling: true }", { bottoms: { a: [2, 3, 0, 5] }, caffe: "Check failed: kernel_h_ > 0 (0 vs. 0) Filter dimensions cannot be zero." }],
  ["Pooling", "pooling_param { kernel_h: 2 kernel_w: 11 }", { bottoms: image, caffe: negative(-2) }],
  ["Pooling", "pooling_param { kernel_size: 2 stride_h: 0 stride_w: 1 }", { bottoms: image, caffe: negative(-2147483647) }],
  ["Pooling", "pooling_param { kernel_size: 6 }", { bottoms: image, tops: ["a"], caffe: negative(-2), when: "run" }],
  // spp_layer.cpp.
  ["SPP", "spp_param { pyramid_height: 0 }", { bottoms: image, caffe: "Check failed: MinTopBlobs() <= top.size() (1 vs. 0) Split Layer produces at least 1 top blob(s) as output." }],
  ["SPP", "spp_param { pyramid_height: 2 }", { bottoms: { a: [2, 3, 0, 5] }, caffe: "Check failed: bottom_h_ > 0 (0 vs. 0) Input dimensions cannot be zero." }],
  ["SPP", "spp_param { pyramid_height: 2 }", { bottoms: { a: [2, 3, 4, 5, 6] }, caffe: legacy }],
  ["SPP", "spp_param { pyramid_height: 2 }", { bottoms: image, tops: ["a"], caffe: fourAxes(2) }],
  ["SPP", "spp_param { pyramid_height: 2 pool: STOCHASTIC }", { bottoms: { a: [1, 1, 5, 5] }, caffe: "Check failed: this->layer_param_.pooling_param().pool() == PoolingParameter_PoolMethod_AVE || this->layer_param_.pooling_param().pool() == PoolingParameter_PoolMethod_MAX Padding implemented only for average and max pooling." }],
  // crop_layer.cpp.
  ["Crop", "", { bottoms: { a: [2, 3, 8, 8], b: [2, 3, 8] }, caffe: "Check failed: axis_index < num_axes() (3 vs. 3) axis 3 out of range for 3-D Blob with shape 2 3 8 (48)" }],
  ["Crop", "crop_param { axis: -5 }", { bottoms: { a: [2, 3, 8, 8], b: [2, 3, 4, 4] }, caffe: "Check failed: axis_index >= -num_axes() (-5 vs. -4) axis -5 out of range for 4-D Blob with shape 2 3 8 8 (384)" }],
  ["Crop", "crop_param { offset: 3 }", { bottoms: { a: [2, 3, 8, 8], b: [2, 3, 4, 4] }, tops: ["a"], caffe: "Check failed: bottom[0]->shape(i) - crop_offset >= bottom[1]->shape(i) (1 vs. 4) the crop for dimension 2 is out-of-bounds with size 4 and offset 3", when: "run" }],
  // lrn_layer.cpp: both regions pool or normalise images.
  ["LRN", "lrn_param { local_size: 0 }", { bottoms: image, caffe: "Check failed: size_ % 2 == 1 (0 vs. 1) LRN only supports odd values for local_size", marks: "0" }],
  ["LRN", "", { bottoms: { a: [2, 3] }, caffe: fourAxes(2) }],
  ["LRN", "lrn_param { norm_region: WITHIN_CHANNEL }", { bottoms: { a: [2, 3, 4, 5, 6] }, caffe: fourAxes(5) }],
  ["LRN", "lrn_param { engine: CUDNN }", { bottoms: image, caffe: "Layer x has unknown engine." }],
  ["Deconvolution", conv("kernel_size: 3 engine: CUDNN"), { bottoms: image, caffe: "Layer x has unknown engine." }],
  // batch_norm_layer.cpp.
  ["BatchNorm", "param { lr_mult: 1 }", { bottoms: image, caffe: "Check failed: this->layer_param_.param(i).lr_mult() == 0.f (1 vs. 0) Cannot configure batch normalization statistics as layer parameters." }],
  ["BatchNorm", "param { lr_mult: 0 } param { lr_mult: 0.5 }", { bottoms: image, caffe: "Check failed: this->layer_param_.param(i).lr_mult() == 0.f (0.5 vs. 0) Cannot configure batch normalization statistics as layer parameters." }],
  ["BatchNorm", "", { bottoms: { a: [] }, caffe: "Check failed: axis_index < num_axes() (1 vs. 0) axis 1 out of range for 0-D Blob with shape (1)" }],
  ["BatchNorm", "", { bottoms: { a: [0, 3] }, caffe: crash }],
  ["BatchNorm", "", { bottoms: { a: [2, 0] }, caffe: noData }],
  ["BatchNorm", "", { bottoms: { a: [2, 3, 0] }, caffe: noData }],
  ["MVN", "", { bottoms: { a: [2, 3, 0] }, caffe: noData }],
  // prelu_layer.cpp.
  ["PReLU", "prelu_param { channel_shared: true } blobs { shape { dim: 2 } data: 1 data: 2 }", { bottoms: image, caffe: "Check failed: this->blobs_[0]->count() == 1 (2 vs. 1) Negative slope size is inconsistent with prototxt config" }],
  ["PReLU", "", { bottoms: { a: [2, 3, 0] }, caffe: noData }],
  // scale_layer.cpp: the bias inside comes first.
  ["Scale", "scale_param { num_axes: -2 }", { bottoms: image, caffe: "Check failed: num_axes >= -1 (-2 vs. -1) num_axes must be non-negative, or -1 to extend to the end of bottom[0]" }],
  ["Scale", "scale_param { axis: -1 bias_term: true }", { bottoms: { a: [2, 3], b: [2, 3] }, caffe: "Check failed: bottom[0]->num_axes() >= axis + num_axes (2 vs. 3) bias blob's shape extends past bottom[0]'s shape when applied starting with bottom[0] axis = 1" }],
  ["Scale", "scale_param { axis: -1 }", { bottoms: { a: [2, 3], b: [2, 3] }, caffe: "Check failed: bottom[0]->num_axes() >= axis_ + scale->num_axes() (2 vs. 3) scale blob's shape extends past bottom[0]'s shape when applied starting with bottom[0] axis = 1" }],
  // A scalar fits any axis; the bias beside it does not.
  ["Scale", "scale_param { bias_term: true }", { bottoms: { a: [2], b: [] }, caffe: "Check failed: axis_index < num_axes() (1 vs. 1) axis 1 out of range for 1-D Blob with shape 2 (2)" }],
  ["Scale", 'scale_param { bias_term: true bias_filler { type: "zeros" } }', { bottoms: image, caffe: "Check failed: false Unknown filler name: zeros", marks: '"zeros"' }],
  ["Scale", "", { bottoms: { a: [2, 0] }, caffe: noData }],
  ["Bias", "", { bottoms: { a: [2, 3, 0] }, caffe: noData }],
  ["Bias", "", { bottoms: { a: [2, 3], b: [3, 1] }, caffe: "Check failed: bottom[0]->num_axes() >= axis + bias->num_axes() (2 vs. 3) bias blob's shape extends past bottom[0]'s shape when applied starting with bottom[0] axis = 1" }],
  // inner_product_layer.cpp, embed_layer.cpp.
  ["InnerProduct", "inner_product_param { num_output: 2 }", { bottoms: { a: [0, 3] }, caffe: noData }],
  ["InnerProduct", 'inner_product_param { weight_filler { type: "xavier" } }', { bottoms: { a: [2, 3] }, caffe: "Check failed: blob->count()" }],
  ["InnerProduct", "inner_product_param { num_output: 3 axis: -2 }", { bottoms: { a: [4, 2, 3] }, tops: ["a"], caffe: "Check failed: K_ == new_K (6 vs. 12) Input size incompatible with inner product parameters.", when: "run" }],
  ["Embed", "embed_param { input_dim: 5 }", { bottoms: { a: [2] }, caffe: "Check failed: N_ > 0 (0 vs. 0) EmbedLayer num_output must be positive." }],
  ["Embed", "embed_param { input_dim: 5 num_output: 2 }", { bottoms: { a: [0] }, caffe: noData }],
  // recurrent_layer.cpp, and the layers that it unrolls into.
  ["LSTM", "recurrent_param { num_output: 2 }", { bottoms: { a: [4], b: [4, 1] }, caffe: "Check failed: bottom[0]->num_axes() >= 2 (1 vs. 2) bottom[0] must have at least 2 axes -- (#timesteps, #streams, ...)" }],
  ["LSTM", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1, 2], b: [4, 1, 1] }, caffe: "Check failed: bottom[1]->num_axes() == 2 (3 vs. 2) bottom[1] must have exactly 2 axes -- (#timesteps, #streams)" }],
  ["RNN", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1, 2], b: [3, 1] }, caffe: "Check failed: T_ == bottom[1]->shape(0) (4 vs. 3)" }],
  ["RNN", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1, 2], b: [4, 2] }, caffe: "Check failed: N_ == bottom[1]->shape(1) (1 vs. 2)" }],
  ["RNN", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1, 2], b: [4, 1], s: [2, 5] }, caffe: "Check failed: N_ == bottom[2]->shape(0) (1 vs. 2)" }],
  ["RNN", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1], b: [4, 1] }, caffe: "Check failed: axis_index < num_axes() (2 vs. 2) axis 2 out of range for 2-D Blob with shape 4 1 (4)" }],
  ["RNN", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1, 2], b: [4, 1], s: [1] }, caffe: "Check failed: axis_index < num_axes() (1 vs. 1) axis 1 out of range for 1-D Blob with shape 1 (1)" }],
  ["RNN", 'recurrent_param { num_output: 2 weight_filler { type: "gauss" } }', { bottoms: { a: [4, 1, 2], b: [4, 1] }, caffe: "Check failed: false Unknown filler name: gauss" }],
  ["RNN", "recurrent_param { num_output: 2 expose_hidden: true }", { bottoms: { a: [4, 1, 2], b: [4, 1], h: [1, 1, 3] }, ...twoTops, caffe: "Check failed: recur_input_blobs_[j]->shape() == bottom[i]->shape() shape mismatch - recur_input_blobs_[0]: 1 1 2 (2) vs. bottom[2]: 1 1 3 (3)", marks: '"h"' }],
  ["RNN", "recurrent_param { num_output: 2 }", { bottoms: { a: [4, 1, 3], b: [4, 1] }, tops: ["a"], caffe: "Check failed: K_ == new_K (3 vs. 2) Input size incompatible with inner product parameters.", when: "run" }],
  // lstm_unit_layer.cpp.
  ["LSTMUnit", "", { bottoms: { c: [1, 2, 3], x: [1, 2, 12], m: [1, 2, 1] }, ...twoTops, caffe: "Check failed: 2 == bottom[i]->num_axes() (2 vs. 3)" }],
  ["LSTMUnit", "", { bottoms: { c: [2, 2, 3], x: [1, 2, 12], m: [1, 2] }, ...twoTops, caffe: "Check failed: 1 == bottom[i]->shape(0) (1 vs. 2)", marks: '"c"' }],
  ["LSTMUnit", "", { bottoms: { c: [1, 2, 3], x: [1, 3, 12], m: [1, 2] }, ...twoTops, caffe: "Check failed: num_instances == bottom[i]->shape(1) (2 vs. 3)", marks: '"x"' }],
];

describe("Caffe's refusals of spatial and learned layers, from its sources", () => {
  test.each(rows.map((row, i) => [row[0], row[1].slice(0, 60), i] as const))("%s %s", (type, _, i) => {
    const [, fields, { caffe, marks, when, ...layer }] = rows[i]!;
    checkRefused({ type, fields, ...layer }, { ...(caffe !== undefined && { caffe }), ...(marks !== undefined && { marks }), ...(when !== undefined && { when }) });
  });
});

type Accepted = readonly [type: string, fields: string, bottoms: LayerText["bottoms"], tops: readonly (readonly number[])[], more?: Partial<LayerText>];

/** What looks wrong and Caffe loads all the same. */
const accepted: readonly Accepted[] = [
  ["Convolution", conv("kernel_size: 9 bias_term: false"), image, [[2, 4, 0, 0]]],
  ["Convolution", conv("kernel_size: 3"), { a: [0, 3, 8, 8] }, [[0, 4, 6, 6]]],
  ["Convolution", conv("kernel_size: 3 pad_w: 1"), image, [[2, 4, 6, 8]]],
  ["Convolution", conv("kernel_size: 3 stride: 2 pad: [0, 1] dilation: [2, 1]"), image, [[2, 4, 2, 4]]],
  ["Convolution", conv(""), { a: [2, 3] }, [[2, 4]]],
  ["Convolution", conv("kernel_size: 5"), { a: [2, 3] }, [[2, 4]]],
  ["Convolution", conv("kernel_size: 2 axis: 0"), { a: [3, 5, 5] }, [[4, 4, 4]]],
  // (8 - 10) / 3 is 0 in C++.
  ["Convolution", conv("kernel_size: 10 stride: 3"), image, [[2, 4, 1, 1]]],
  ["Convolution", "convolution_param { num_output: 3 kernel_size: 5 }", image, [[2, 3, 4, 4]], { tops: ["a"] }],
  ["Deconvolution", conv("kernel_size: 4 pad: 1 stride: 2"), image, [[2, 4, 16, 16]]],
  ["Deconvolution", conv("kernel_size: 3 dilation: 0 stride: 3"), image, [[2, 4, 22, 22]]],
  ["Deconvolution", conv("kernel_size: 1 pad: 4 bias_term: false"), image, [[2, 4, 0, 0]]],
  // With kernel_size, a kernel_h alone is not looked at.
  ["Pooling", "pooling_param { kernel_size: 3 kernel_h: 5 }", image, [[2, 3, 6, 6]]],
  ["Pooling", "pooling_param { kernel_size: 3 stride: 2 }", image, [[2, 3, 4, 4]]],
  // (8 + 2 - 3) / 2 rounds up to 4; the fifth window would begin at row 8 - 1, still in the image.
  ["Pooling", "pooling_param { kernel_size: 3 stride: 2 pad: 1 }", image, [[2, 3, 5, 5]]],
  // (6 + 4 - 3) / 4 rounds up to 2; the third window would begin at row 8 - 2: dropped.
  ["Pooling", "pooling_param { kernel_size: 3 stride: 4 pad: 2 }", { a: [1, 1, 6, 6] }, [[1, 1, 2, 2]]],
  // Padding along columns alone drops windows along rows too: row 8 of 8.
  ["Pooling", "pooling_param { kernel_h: 1 kernel_w: 3 stride: 4 pad_h: 0 pad_w: 1 }", { a: [1, 1, 8, 8] }, [[1, 1, 2, 3]]],
  ["Pooling", "pooling_param { kernel_size: 1 stride: 4 }", { a: [1, 1, 8, 8] }, [[1, 1, 3, 3]]],
  ["Pooling", "pooling_param { kernel_size: 3 stride: 2 round_mode: FLOOR }", image, [[2, 3, 3, 3]]],
  ["Pooling", "pooling_param { kernel_size: 3 stride: 2 torch_pooling: true }", image, [[2, 3, 3, 3]], { dialect: "nvidia" }],
  ["Pooling", "pooling_param { kernel_size: 2 engine: CUDNN }", image, [[2, 3, 7, 7]], { dialect: "nvidia" }],
  ["Pooling", "pooling_param { kernel_size: 9 stride: 2 }", image, [[2, 3, 1, 1]]],
  ["SPP", "spp_param { pyramid_height: 1 }", image, [[2, 3, 1, 1]]],
  ["SPP", "spp_param { pyramid_height: 2 engine: CUDNN }", image, [[2, 15]]],
  ["Crop", "crop_param { offset: 1 }", { a: [2, 3, 8, 8], b: [7, 9, 4, 5, 6] }, [[2, 3, 4, 5]]],
  ["BatchNorm", "param { lr_mult: 1 } param { lr_mult: 1 } param { lr_mult: 1 }", image, [[2, 3, 8, 8]]],
  ["MVN", "", { a: [] }, [[1, 1, 1, 1]]],
  ["MVN", "", { a: [0, 3, 2, 2] }, [[0, 3, 2, 2]]],
  ["Scale", "", { a: [5], b: [] }, [[5]]],
  ["Scale", "", { a: [0, 3] }, [[0, 3]]],
  ["Bias", "bias_param { num_axes: 0 axis: -1 }", image, [[2, 3, 8, 8]]],
  ["InnerProduct", "inner_product_param { num_output: 5 axis: 0 }", { a: [2, 3] }, [[5]]],
  ["InnerProduct", "inner_product_param { num_output: 5 bias_term: false }", { a: [0, 3] }, [[0, 5]]],
  ["InnerProduct", "inner_product_param { num_output: 3 }", { a: [2, 3] }, [[2, 3]], { tops: ["a"] }],
  ["Embed", "embed_param { num_output: 4 input_dim: 3 bias_term: false }", { a: [] }, [[4]]],
  ["LSTM", "recurrent_param { num_output: 2 } blobs { data: 1 }", { a: [3, 2, 5], m: [3, 2] }, [[3, 2, 2]]],
];

describe("what Caffe loads", () => {
  test.each(accepted.map((row, i) => [row[0], row[1].slice(0, 60), i] as const))("%s %s", (_, __, i) => {
    const [type, fields, bottoms, tops, more] = accepted[i]!;
    checkShapes({ type, fields, bottoms: bottoms ?? {}, ...more }, tops);
  });
});
