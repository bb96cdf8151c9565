import { recurrent } from "./recurrent.ts";
import { emitUnit } from "./lstm-unit.ts";

/**
 * LSTM: gates `W_hc h(t-1) + W_xc x(t) + b_c` drive an LSTMUnit at every step; gives out its hidden state. A marker of 0 forgets both states.
 * Source: `lstm_layer.cpp`; Hochreiter and Schmidhuber 1997.
 */
export const lstm = recurrent({
  type: "LSTM",
  doc: "Long short-term memory: a recurrent layer whose gates decide what its cells keep, take in and give out.",
  states: 2,
  gates: 4,
  params: (hidden) => [[4 * hidden, hidden]],
  step: (emit, input, proceed, [hidden, cell], [weights]) => {
    const kept = emit.node("Mul", [hidden!, proceed]);
    const gates = emit.node("Add", [emit.node("MatMul", [kept, weights!]), input]);
    const [newCell, newHidden] = emitUnit(emit, cell!, gates, proceed);
    return { output: newHidden, states: [newHidden, newCell] };
  },
});
