import { axisFailed, checkFailed } from "./caffe-text.ts";
import type { LayerShapes, LayerType, Refusal, ShapedLayer } from "./definition.ts";
import type { Emitter } from "./emitter.ts";
import { differ, shapeText, volume, type Shape } from "./shape.ts";

/**
 * LSTMUnit: one step of an LSTM. Bottoms: the cells before (1 x N x D), the gates (1 x N x 4D: take in, keep, give out, candidate) and the
 * markers (1 x N). Tops: the cells and the hidden state after. Source: `lstm_unit_layer.cpp`.
 */
export const lstmUnit: LayerType = {
  type: "LSTMUnit",
  doc: "One step of an LSTM: the new cells and hidden state from the old cells and the gates.",
  params: [],
  bottoms: { min: 3, max: 3 },
  tops: { min: 2, max: 2 },
  shapes,
  // Four gates, and three products for each cell.
  multiplyAdds: ({ bottoms: [cells] }) => 7 * volume(cells!),
  reach: () => ({ kind: "whole" }),
  onnx: (emit, layer) => {
    const streams = layer.bottoms[0]![1]!;
    const [cell, hidden] = emitUnit(emit, emit.bottom(0), emit.bottom(1), emit.reshape(emit.bottom(2), [1, streams, 1]));
    emit.top(0, cell);
    emit.top(1, hidden);
  },
};

/** The cells and the hidden state after a step; `proceed` is 0 where a sequence begins, of shape 1 x N x 1. */
export function emitUnit(emit: Emitter, cell: string, gates: string, proceed: string): [cell: string, hidden: string] {
  const [takeIn, keep, giveOut, candidate] = emit.nodes("Split", [gates], 4, { axis: 2 }) as [string, string, string, string];
  const sigmoid = (value: string): string => emit.node("Sigmoid", [value]);
  const product = (a: string, b: string): string => emit.node("Mul", [a, b]);
  const kept = product(product(sigmoid(keep), proceed), cell);
  const next = emit.node("Add", [kept, product(sigmoid(takeIn), emit.node("Tanh", [candidate]))]);
  return [next, product(sigmoid(giveOut), emit.node("Tanh", [next]))];
}

function shapes(layer: ShapedLayer): LayerShapes | Refusal {
  const cells = layer.bottoms[0]!;
  const result = { tops: [cells, cells], params: [] };
  if (cells.length < 2) {
    const unknown = { tops: [undefined, undefined], params: [] };
    return { ...rankRefusal(layer, 0, 3), caffe: axisFailed(1, cells), shapes: unknown };
  }
  const refusal =
    layer.bottoms.map((shape, i) => bottomRefusal(layer, i, shape, cells)).find((found) => found !== undefined) ??
    gatesRefusal(layer);
  return refusal === undefined ? result : { ...refusal, shapes: result };
}

function bottomRefusal(layer: ShapedLayer, i: number, shape: Shape, cells: Shape): Refusal | undefined {
  const axes = i === 2 ? 2 : 3;
  if (shape.length !== axes) return rankRefusal(layer, i, axes);
  const what = `'${layer.bottomNames[i]}' (${shapeText(shape)})`;
  if (differ(1, shape[0])) {
    return {
      refused: `${layer.name} does one step, but ${what} holds ${shape[0]}.`,
      at: `bottom.${i}`,
      caffe: checkFailed("1 == bottom[i]->shape(0)", 1, shape[0]!),
    };
  }
  if (!differ(cells[1], shape[1])) return undefined;
  return {
    refused: `${layer.name} works on ${cells[1]} streams ('${layer.bottomNames[0]}'), but ${what} has ${shape[1]}.`,
    at: `bottom.${i}`,
    caffe: checkFailed("num_instances == bottom[i]->shape(1)", cells[1]!, shape[1]!),
  };
}

function rankRefusal(layer: ShapedLayer, i: number, axes: number): Refusal {
  const shape = layer.bottoms[i]!;
  return {
    refused:
      `${layer.name} takes '${layer.bottomNames[i]}' as ${axes === 2 ? "1 x streams" : "1 x streams x values"}; ` +
      `it is ${shapeText(shape)}.`,
    at: `bottom.${i}`,
    caffe: checkFailed(`${axes} == bottom[i]->num_axes()`, axes, shape.length),
  };
}

function gatesRefusal(layer: ShapedLayer): Refusal | undefined {
  const [cells, gates] = layer.bottoms as [Shape, Shape];
  if (!differ(4 * cells[2]!, gates[2])) return undefined;
  return {
    refused:
      `${layer.name} needs four gates for each of its ${cells[2]} cells, ${4 * cells[2]!} values, ` +
      `but '${layer.bottomNames[1]}' has ${gates[2]}.`,
    at: "bottom.1",
    caffe: checkFailed("4 * hidden_dim_ == bottom[1]->shape(2)", 4 * cells[2]!, gates[2]!),
  };
}
