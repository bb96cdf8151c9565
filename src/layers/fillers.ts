import { axisFailed, checkFailed, noData, streamed } from "./caffe-text.ts";
import type { LayerInput, Refusal } from "./definition.ts";
import { differ, shapeText, volume, type Shape } from "./shape.ts";
import type { Message } from "../prototxt/message.ts";
import { list } from "../text/words.ts";

const fillers = ["bilinear", "constant", "gaussian", "msra", "positive_unitball", "uniform", "xavier"];

/**
 * Why Caffe's filler cannot fill a blob of this shape, or undefined where it can. `at` is the filler's path in the layer, `what` the blob
 * in words ("weights", "bias"). Source: `filler.hpp`, `caffe_rng_*` in `math_functions.cpp`.
 */
export function fillerRefusal(layer: LayerInput, filler: Message, shape: Shape, at: string, what: string): Refusal | undefined {
  const type = filler.has("type") ? filler.text("type") : "constant";
  if (!fillers.includes(type)) return layer.dialect === "bvlc" ? unknownFiller(layer, type, at) : undefined;
  const problem = wrongShape(type, shape) ?? wrongValues(type, filler, shape) ?? wrongSparsity(type, filler);
  if (problem === undefined) return undefined;
  return {
    refused: `${layer.name} cannot fill its ${what} (${shapeText(shape)}): ${problem.text}.`,
    at: problem.field === undefined ? at : `${at}.${problem.field}`,
    caffe: problem.caffe,
  };
}

interface Problem {
  readonly text: string;
  readonly caffe: string;
  readonly field?: string;
}

function unknownFiller(layer: LayerInput, type: string, at: string): Refusal {
  return {
    refused: `${layer.name} names a filler '${type}', which Caffe does not have. Use ${list(fillers, "or")}.`,
    at: `${at}.type`,
    caffe: `Check failed: false Unknown filler name: ${type}`,
  };
}

function wrongShape(type: string, shape: Shape): Problem | undefined {
  if (type === "bilinear") {
    if (shape.length !== 4) {
      const caffe = checkFailed("blob->num_axes() == 4", shape.length, 4, "Blob must be 4 dim.");
      return { text: "a bilinear filler needs a blob of four axes", caffe, field: "type" };
    }
    if (differ(shape[3], shape[2])) {
      const caffe = checkFailed("blob->width() == blob->height()", shape[3]!, shape[2]!, "Filter must be square");
      return { text: "a bilinear filler needs a square kernel", caffe, field: "type" };
    }
  }
  if (volume(shape) === 0) {
    return { text: "it has no values", caffe: ["uniform", "xavier", "msra"].includes(type) ? "Check failed: blob->count()" : noData };
  }
  if (shape.length === 0 && ["positive_unitball", "xavier", "msra"].includes(type)) {
    return { text: `a filler of type '${type}' needs a blob with axes, not a single value`, caffe: axisFailed(0, shape), field: "type" };
  }
  return undefined;
}

function wrongValues(type: string, filler: Message, shape: Shape): Problem | undefined {
  const [min, max, std, sparse] = [filler.number("min"), filler.number("max"), filler.number("std"), filler.number("sparse")];
  if (type === "uniform" && min > max) {
    return {
      text: `its smallest value, ${streamed(min)}, is above its largest, ${streamed(max)}`,
      caffe: checkFailed("a <= b", min, max),
      field: "min",
    };
  }
  if (type === "gaussian" && std <= 0) {
    return { text: `its standard deviation must be above 0, not ${streamed(std)}`, caffe: checkFailed("sigma > 0", std, 0), field: "std" };
  }
  if (type !== "gaussian" || sparse === -1) return undefined;
  const field = "sparse";
  if (sparse < -1) return { text: `sparse must be at least -1, not ${sparse}`, caffe: checkFailed("sparse >= -1", sparse, -1), field };
  if (shape.length === 0) {
    return { text: "a sparse filler needs a blob with axes", caffe: checkFailed("blob->num_axes() >= 1", 0, 1), field };
  }
  if (sparse > shape[0]!) {
    const text = `sparse asks for ${sparse} weights of ${shape[0]} outputs`;
    return { text, caffe: checkFailed("p <= 1", sparse / shape[0]!, 1), field };
  }
  return undefined;
}

function wrongSparsity(type: string, filler: Message): Problem | undefined {
  const sparse = filler.number("sparse");
  if (type === "gaussian" || !filler.has("sparse") || sparse === -1) return undefined;
  const caffe = checkFailed("this->filler_param_.sparse() == -1", sparse, -1, "Sparsity not supported by this Filler.");
  return { text: `sparse works with the gaussian filler only, not with '${type}'`, caffe, field: "sparse" };
}
