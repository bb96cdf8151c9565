import type { DialectName } from "../schema/schema.ts";
import type { LayerType } from "./definition.ts";
import { absVal } from "./abs-val.ts";
import { accuracy } from "./accuracy.ts";
import { annotatedData } from "./annotated-data.ts";
import { argMax } from "./arg-max.ts";
import { axpy } from "./axpy.ts";
import { batchNorm, nvidiaBatchNorm } from "./batch-norm.ts";
import { batchReindex } from "./batch-reindex.ts";
import { bias } from "./bias.ts";
import { pspnetBn } from "./bn-pspnet.ts";
import { segnetBn } from "./bn-segnet.ts";
import { bnll } from "./bnll.ts";
import { clip } from "./clip.ts";
import { concat } from "./concat.ts";
import { contrastiveLoss } from "./contrastive-loss.ts";
import { convolution } from "./convolution.ts";
import { convolutionDepthwise } from "./convolution-depthwise.ts";
import { crop } from "./crop.ts";
import { data } from "./data.ts";
import { deconvolution } from "./deconvolution.ts";
import { denseImageData } from "./dense-image-data.ts";
import { depthwiseConvolution } from "./depthwise-convolution.ts";
import { detectNetTransformation } from "./detect-net-transformation.ts";
import { detectionOutput } from "./detection-output.ts";
import { dropout } from "./dropout.ts";
import { dummyData } from "./dummy-data.ts";
import { eltwise } from "./eltwise.ts";
import { elu } from "./elu.ts";
import { embed } from "./embed.ts";
import { euclideanLoss } from "./euclidean-loss.ts";
import { exp } from "./exp.ts";
import { filter } from "./filter.ts";
import { flatten } from "./flatten.ts";
import { hdf5Data } from "./hdf5-data.ts";
import { hdf5Output } from "./hdf5-output.ts";
import { hingeLoss } from "./hinge-loss.ts";
import { im2col } from "./im2col.ts";
import { imageData } from "./image-data.ts";
import { imageSegData } from "./image-seg-data.ts";
import { infogainLoss } from "./infogain-loss.ts";
import { innerProduct } from "./inner-product.ts";
import { input } from "./input.ts";
import { interp } from "./interp.ts";
import { l1Loss } from "./l1-loss.ts";
import { log } from "./log.ts";
import { lrn } from "./lrn.ts";
import { lstm } from "./lstm.ts";
import { lstmUnit } from "./lstm-unit.ts";
import { memoryData } from "./memory-data.ts";
import { multiBoxLoss } from "./multi-box-loss.ts";
import { multinomialLogisticLoss } from "./multinomial-logistic-loss.ts";
import { mvn } from "./mvn.ts";
import { normalize } from "./normalize.ts";
import { opaqueTypes } from "./opaque.ts";
import { parameter } from "./parameter.ts";
import { permute } from "./permute.ts";
import { pooling } from "./pooling.ts";
import { power } from "./power.ts";
import { prelu } from "./prelu.ts";
import { priorBox } from "./prior-box.ts";
import { psroiPooling } from "./psroi-pooling.ts";
import { python } from "./python.ts";
import { reduction } from "./reduction.ts";
import { relu } from "./relu.ts";
import { relu6 } from "./relu6.ts";
import { reorg } from "./reorg.ts";
import { reshape } from "./reshape.ts";
import { rnn } from "./rnn.ts";
import { roiPooling } from "./roi-pooling.ts";
import { scale } from "./scale.ts";
import { segAccuracy } from "./seg-accuracy.ts";
import { sigmoid } from "./sigmoid.ts";
import { sigmoidCrossEntropyLoss } from "./sigmoid-cross-entropy-loss.ts";
import { silence } from "./silence.ts";
import { slice } from "./slice.ts";
import { smoothL1Loss } from "./smooth-l1-loss.ts";
import { softmax } from "./softmax.ts";
import { softmaxWithLoss } from "./softmax-with-loss.ts";
import { spatialProduct } from "./spatial-product.ts";
import { split } from "./split.ts";
import { spp } from "./spp.ts";
import { swish } from "./swish.ts";
import { tanh } from "./tanh.ts";
import { threshold } from "./threshold.ts";
import { tile } from "./tile.ts";
import { uniqueLabel } from "./unique-label.ts";
import { segnetUpsample } from "./upsample-segnet.ts";
import { yoloUpsample } from "./upsample-yolo.ts";
import { videoData } from "./video-data.ts";
import { windowData } from "./window-data.ts";

/** All layer types. Adding one is adding its file and a line here. */
export const layerTypes: readonly LayerType[] = [
  absVal,
  accuracy,
  annotatedData,
  argMax,
  axpy,
  batchNorm,
  batchReindex,
  bias,
  bnll,
  clip,
  concat,
  contrastiveLoss,
  convolution,
  convolutionDepthwise,
  crop,
  data,
  deconvolution,
  denseImageData,
  depthwiseConvolution,
  detectionOutput,
  detectNetTransformation,
  dropout,
  dummyData,
  eltwise,
  elu,
  embed,
  euclideanLoss,
  exp,
  filter,
  flatten,
  hdf5Data,
  hdf5Output,
  hingeLoss,
  im2col,
  imageData,
  imageSegData,
  infogainLoss,
  innerProduct,
  input,
  interp,
  l1Loss,
  log,
  lrn,
  lstm,
  lstmUnit,
  memoryData,
  multiBoxLoss,
  multinomialLogisticLoss,
  mvn,
  normalize,
  nvidiaBatchNorm,
  ...opaqueTypes,
  parameter,
  permute,
  pooling,
  power,
  prelu,
  priorBox,
  pspnetBn,
  psroiPooling,
  python,
  reduction,
  relu,
  relu6,
  reorg,
  reshape,
  rnn,
  roiPooling,
  scale,
  segAccuracy,
  segnetBn,
  segnetUpsample,
  sigmoid,
  sigmoidCrossEntropyLoss,
  silence,
  slice,
  smoothL1Loss,
  softmax,
  softmaxWithLoss,
  spatialProduct,
  split,
  spp,
  swish,
  tanh,
  threshold,
  tile,
  uniqueLabel,
  videoData,
  windowData,
  yoloUpsample,
];

const byName = new Map<string, LayerType[]>();
for (const type of layerTypes) byName.set(type.type, [...(byName.get(type.type) ?? []), type]);

/** The layer type of a name in a dialect; undefined where that Caffe has no such layer. */
export function layerType(name: string, dialect: DialectName): LayerType | undefined {
  return byName.get(name)?.find((type) => type.dialects === undefined || type.dialects.includes(dialect));
}

/** The dialects that know a layer type; empty for an unknown one. */
export function layerTypeHomes(name: string): readonly LayerType[] {
  return byName.get(name) ?? [];
}
