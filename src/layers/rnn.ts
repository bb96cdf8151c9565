import { recurrent } from "./recurrent.ts";

/**
 * RNN: `h(t) = tanh(W_hh h(t-1) + W_xh x(t) + b_h)`, and gives out `tanh(W_ho h(t) + b_o)`. A marker of 0 forgets `h(t-1)`.
 * Source: `rnn_layer.cpp`.
 */
export const rnn = recurrent({
  type: "RNN",
  doc: "A plain recurrent layer: its hidden state passes through tanh at every step, and once more on its way out.",
  states: 1,
  gates: 1,
  params: (hidden) => [[hidden, hidden], [hidden, hidden], [hidden]],
  step: (emit, input, proceed, [before], [withinState, outwards, bias]) => {
    const kept = emit.node("Mul", [before!, proceed]);
    const state = emit.node("Tanh", [emit.node("Add", [emit.node("MatMul", [kept, withinState!]), input])]);
    const output = emit.node("Tanh", [emit.node("Add", [emit.node("MatMul", [state, outwards!]), bias!])]);
    return { output, states: [state] };
  },
});
