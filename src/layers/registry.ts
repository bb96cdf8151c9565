import type { DialectName } from "../schema/schema.ts";
import type { LayerType } from "./definition.ts";
import { absVal } from "./abs-val.ts";
import { accuracy } from "./accuracy.ts";
import { argMax } from "./arg-max.ts";
import { batchReindex } from "./batch-reindex.ts";
import { bnll } from "./bnll.ts";
import { clip } from "./clip.ts";
import { concat } from "./concat.ts";
import { contrastiveLoss } from "./contrastive-loss.ts";
import { data } from "./data.ts";
import { dropout } from "./dropout.ts";
import { dummyData } from "./dummy-data.ts";
import { eltwise } from "./eltwise.ts";
import { elu } from "./elu.ts";
import { euclideanLoss } from "./euclidean-loss.ts";
import { exp } from "./exp.ts";
import { filter } from "./filter.ts";
import { flatten } from "./flatten.ts";
import { hdf5Data } from "./hdf5-data.ts";
import { hdf5Output } from "./hdf5-output.ts";
import { hingeLoss } from "./hinge-loss.ts";
import { imageData } from "./image-data.ts";
import { infogainLoss } from "./infogain-loss.ts";
import { innerProduct } from "./inner-product.ts";
import { input } from "./input.ts";
import { log } from "./log.ts";
import { memoryData } from "./memory-data.ts";
import { multinomialLogisticLoss } from "./multinomial-logistic-loss.ts";
import { parameter } from "./parameter.ts";
import { power } from "./power.ts";
import { python } from "./python.ts";
import { reduction } from "./reduction.ts";
import { relu } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { sigmoid } from "./sigmoid.ts";
import { sigmoidCrossEntropyLoss } from "./sigmoid-cross-entropy-loss.ts";
import { silence } from "./silence.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { softmaxWithLoss } from "./softmax-with-loss.ts";
import { split } from "./split.ts";
import { swish } from "./swish.ts";
import { tanh } from "./tanh.ts";
import { threshold } from "./threshold.ts";
import { tile } from "./tile.ts";
import { windowData } from "./window-data.ts";

/** All layer types. Adding one is adding its file and a line here. */
export const layerTypes: readonly LayerType[] = [
  absVal,
  accuracy,
  argMax,
  batchReindex,
  bnll,
  clip,
  concat,
  contrastiveLoss,
  data,
  dropout,
  dummyData,
  eltwise,
  elu,
  euclideanLoss,
  exp,
  filter,
  flatten,
  hdf5Data,
  hdf5Output,
  hingeLoss,
  imageData,
  infogainLoss,
  innerProduct,
  input,
  log,
  memoryData,
  multinomialLogisticLoss,
  parameter,
  power,
  python,
  reduction,
  relu,
  reshape,
  sigmoid,
  sigmoidCrossEntropyLoss,
  silence,
  slice,
  softmax,
  softmaxWithLoss,
  split,
  swish,
  tanh,
  threshold,
  tile,
  windowData,
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
