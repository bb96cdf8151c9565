import { emptyRefusal } from "./blob.ts";
import { axisFailed, checkFailed, shapeString } from "./caffe-text.ts";
import type { LayerInput, LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { fillerRefusal } from "./fillers.ts";
import { inlineRefusal } from "./inline-blobs.ts";
import { differ, shapesDiffer, shapeText, volume, type Shape } from "./shape.ts";

const path = "recurrent_param";

/** What tells one recurrent layer from another. */
export interface Cell {
  readonly type: "RNN" | "LSTM";
  readonly doc: string;
  /** How many states it carries from step to step: RNN the hidden one, LSTM the cell too. */
  readonly states: number;
  /** Learned blobs behind those of the inputs, for `hidden` outputs; matrices before the biases they go with. */
  readonly params: (hidden: number) => Shape[];
  /** Values that the inputs are multiplied into, for each output: 4 gates of an LSTM. */
  readonly gates: number;
  /**
   * One step: what it gives out, and the states it leaves. `input` is the sum of what comes from the inputs, `proceed` the marker,
   * `params` the learned blobs, matrices ready to be multiplied from the right.
   */
  readonly step: (
    emit: Emitter,
    input: string,
    proceed: string,
    states: readonly string[],
    params: readonly string[],
  ) => { readonly output: string; readonly states: string[] };
}

/**
 * A recurrent layer, which Caffe unrolls over its first axis. Bottoms: the sequence (T x N x …), the markers (T x N, 0 where a
 * sequence begins), optionally an input that is the same at each step (N x …), and with `expose_hidden` the first states
 * (1 x N x outputs).
 * Source: `recurrent_layer.cpp`.
 */
export function recurrent(cell: Cell): LayerType {
  return {
    type: cell.type,
    doc: cell.doc,
    params: [path],
    bottoms: (layer) => ({ min: 2 + exposed(layer, cell), max: 3 + exposed(layer, cell) }),
    tops: (layer) => ({ min: 1 + exposed(layer, cell), max: 1 + exposed(layer, cell) }),
    inPlace: "wrong",
    shapes: (layer) => recurrentShapes(layer, cell),
    // Every weight works once for each step and stream; the weights of a static input once for each stream.
    multiplyAdds: (layer, { params }) => {
      const [steps = NaN, streams = NaN] = layer.bottoms[0]!;
      const cost = params.reduce(
        (sum, shape, i) => sum + (shape?.length === 2 ? volume(shape) * (isStatic(layer, cell) && i === 2 ? 1 : steps) : 0),
        0,
      );
      return cost * streams;
    },
    reach: () => ({ kind: "whole" }),
    onnx: (emit, layer) => {
      unroll(emit, layer, cell);
    },
  };
}

function exposed(layer: LayerInput, cell: Cell): number {
  return layer.message.message(path).bool("expose_hidden") ? cell.states : 0;
}

function isStatic(layer: LayerInput, cell: Cell): boolean {
  return layer.bottoms.length > 2 + exposed(layer, cell);
}

function recurrentShapes(layer: ShapedLayer, cell: Cell): LayerShapes | Refusal {
  const hidden = layer.message.message(path).number("num_output");
  const [x] = layer.bottoms as [Shape, Shape];
  const state = [1, x[1] ?? NaN, hidden];
  const tops = [[x[0] ?? NaN, x[1] ?? NaN, hidden], ...Array.from({ length: exposed(layer, cell) }, () => state)];
  const rows = cell.gates * hidden;
  const xStatic = isStatic(layer, cell) ? layer.bottoms[2] : undefined;
  const params = [[rows, volume(x, 2)], [rows], ...(xStatic === undefined ? [] : [[rows, volume(xStatic, 1)]]), ...cell.params(hidden)];
  const shapes = { tops, params };
  const refusal =
    inlineRefusal(layer) ??
    sequenceRefusal(layer) ??
    staticRefusal(layer, xStatic) ??
    sizeRefusal(layer, hidden, x, xStatic) ??
    fillersRefusal(layer, params) ??
    stateRefusal(layer, cell, state) ??
    inPlaceRefusal(layer, hidden, x);
  return refusal === undefined ? shapes : { ...refusal, shapes };
}

function sequenceRefusal(layer: ShapedLayer): Refusal | undefined {
  const [x, markers] = layer.bottoms as [Shape, Shape];
  if (x.length < 2) {
    const caffe = checkFailed(
      "bottom[0]->num_axes() >= 2",
      x.length,
      2,
      "bottom[0] must have at least 2 axes -- (#timesteps, #streams, ...)",
    );
    return {
      refused: `${layer.name} reads sequences: blobs of steps x streams x values. '${layer.bottomNames[0]}' is ${shapeText(x)}.`,
      at: "bottom.0",
      caffe,
    };
  }
  if (markers.length !== 2) {
    const caffe = checkFailed(
      "bottom[1]->num_axes() == 2",
      markers.length,
      2,
      "bottom[1] must have exactly 2 axes -- (#timesteps, #streams)",
    );
    return {
      refused:
        `${layer.name} takes its second bottom as steps x streams (0 where a sequence begins); ` +
        `'${layer.bottomNames[1]}' is ${shapeText(markers)}.`,
      at: "bottom.1",
      caffe,
    };
  }
  const axis = [0, 1].find((i) => differ(x[i], markers[i]));
  if (axis === undefined) return undefined;
  return {
    refused:
      `${layer.name} has ${x[axis]} ${axis === 0 ? "steps" : "streams"} in '${layer.bottomNames[0]}', ` +
      `but ${markers[axis]} in '${layer.bottomNames[1]}'. Both need the same.`,
    at: "bottom.1",
    caffe: checkFailed(`${axis === 0 ? "T_" : "N_"} == bottom[1]->shape(${axis})`, x[axis]!, markers[axis]!),
  };
}

function staticRefusal(layer: ShapedLayer, xStatic: Shape | undefined): Refusal | undefined {
  if (xStatic === undefined) return undefined;
  const streams = layer.bottoms[0]![1]!;
  const name = `'${layer.bottomNames[2]}' (${shapeText(xStatic)})`;
  if (xStatic.length === 0) {
    return {
      refused: `${layer.name} takes ${name} as streams x values.`,
      at: "bottom.2",
      caffe: checkFailed("bottom[2]->num_axes() >= 1", 0, 1),
    };
  }
  if (!differ(streams, xStatic[0])) return undefined;
  return {
    refused: `${layer.name} has ${streams} streams, but ${name} has ${xStatic[0]}. Both need the same.`,
    at: "bottom.2",
    caffe: checkFailed("N_ == bottom[2]->shape(0)", streams, xStatic[0]!),
  };
}

/** What the layers of the unrolled net refuse: they multiply the axes behind steps and streams, which must be there. */
function sizeRefusal(layer: ShapedLayer, hidden: number, x: Shape, xStatic: Shape | undefined): Refusal | undefined {
  if (hidden === 0) {
    const caffe = checkFailed("num_output > 0", 0, 0, "num_output must be positive");
    return { refused: `${layer.name} needs num_output: how many values it gives at each step.`, at: `${path}.num_output`, caffe };
  }
  if (x[0] === 0) {
    const caffe = checkFailed("MinTopBlobs() <= top.size()", 1, 0, "Slice Layer produces at least 1 top blob(s) as output.");
    return { refused: `${layer.name} has no steps to unroll over: '${layer.bottomNames[0]}' is ${shapeText(x)}.`, at: "bottom.0", caffe };
  }
  if (x[1] === 0) return emptyRefusal(layer, "bottom.0", x);
  const short = x.length === 2 ? 0 : xStatic?.length === 1 ? 2 : undefined;
  if (short === undefined) return undefined;
  const shape = layer.bottoms[short]!;
  return {
    refused:
      `${layer.name} multiplies the values behind ${short === 0 ? "steps and streams" : "the streams"}, ` +
      `but '${layer.bottomNames[short]}' (${shapeText(shape)}) has none. Add an axis, of 1 if need be.`,
    at: `bottom.${short}`,
    caffe: axisFailed(shape.length, shape),
  };
}

function fillersRefusal(layer: ShapedLayer, params: readonly Shape[]): Refusal | undefined {
  const param = layer.message.message(path);
  for (const shape of params) {
    const [field, what] = shape.length === 2 ? (["weight_filler", "weights"] as const) : (["bias_filler", "bias"] as const);
    const refusal = fillerRefusal(layer, param.message(field), shape, `${path}.${field}`, what);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function stateRefusal(layer: ShapedLayer, cell: Cell, state: Shape): Refusal | undefined {
  const first = 2 + (isStatic(layer, cell) ? 1 : 0);
  for (let j = 0; j < exposed(layer, cell); j++) {
    const i = first + j;
    const given = layer.bottoms[i];
    if (given === undefined || !shapesDiffer(state, given)) continue;
    return {
      refused:
        `${layer.name} takes '${layer.bottomNames[i]}' as its ${j === 0 ? "hidden state" : "cell state"} before the first step: ` +
        `${shapeText(state)}, not ${shapeText(given)}.`,
      at: `bottom.${i}`,
      caffe:
        `Check failed: recur_input_blobs_[j]->shape() == bottom[i]->shape() shape mismatch - recur_input_blobs_[${j}]: ` +
        `${shapeString(state)} vs. bottom[${i}]: ${shapeString(given)}`,
    };
  }
  return undefined;
}

/** In place, the sequence has the values of its own result when Caffe shapes the layer again before it runs it. */
function inPlaceRefusal(layer: ShapedLayer, hidden: number, x: Shape): Refusal | undefined {
  if (layer.topNames[0] !== layer.bottomNames[0] || !differ(volume(x, 2), hidden)) return undefined;
  return {
    refused:
      `${layer.name} works in place, but makes ${hidden} values of ${volume(x, 2)}: Caffe stops as it runs the layer. ` +
      "Give its top a name of its own.",
    at: "top.0",
    caffe: checkFailed("K_ == new_K", volume(x, 2), hidden, "Input size incompatible with inner product parameters."),
    when: "run",
  };
}

/** The steps one by one, from states of zeros where none are given: what Caffe computes in the first pass of a fresh net. */
function unroll(emit: Emitter, layer: ShapedLayer, cell: Cell): void {
  const [x] = layer.bottoms as [Shape, Shape];
  const [steps, streams] = [x[0]!, x[1]!];
  const hidden = layer.message.message(path).number("num_output");
  const rows = cell.gates * hidden;
  let next = 0;
  const param = (shape: Shape): string => emit.floats(emit.param(next++).data, shape);
  const times = (value: string, inputs: number, bias?: () => string): string => {
    const weights = param([rows, inputs]);
    return emit.node("Gemm", bias === undefined ? [value, weights] : [value, weights, bias()], { transB: 1 });
  };
  const size = volume(x, 2);
  let inputs = emit.reshape(
    times(emit.reshape(emit.bottom(0), [steps * streams, size]), size, () => param([rows])),
    [steps, streams, rows],
  );
  if (isStatic(layer, cell)) {
    const values = volume(layer.bottoms[2]!, 1);
    inputs = emit.node("Add", [inputs, emit.reshape(times(emit.reshape(emit.bottom(2), [streams, values]), values), [1, streams, rows])]);
  }
  const params = cell.params(hidden).map((shape) => {
    const value = param(shape);
    return shape.length === 2 ? emit.node("Transpose", [value], { perm: [1, 0] }) : value;
  });
  const first = 2 + (isStatic(layer, cell) ? 1 : 0);
  const zeros = (): string => emit.floats(new Float32Array(streams * hidden), [1, streams, hidden]);
  let states = Array.from({ length: cell.states }, (_, j) => (exposed(layer, cell) > 0 ? emit.bottom(first + j) : zeros()));
  const slices = (value: string): string[] => (steps === 1 ? [value] : emit.nodes("Split", [value], steps, { axis: 0 }));
  const marks = slices(emit.reshape(emit.bottom(1), [steps, streams, 1]));
  const outputs = slices(inputs).map((input, t) => {
    const { output, states: left } = cell.step(emit, input, marks[t]!, states, params);
    states = left;
    return output;
  });
  emit.top(0, steps === 1 ? outputs[0]! : emit.node("Concat", outputs, { axis: 0 }));
  states.slice(0, exposed(layer, cell)).forEach((state, j) => {
    emit.top(1 + j, state);
  });
}
