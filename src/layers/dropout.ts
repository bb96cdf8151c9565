import { Failure } from "../text/failure.ts";
import { neuron } from "./neuron.ts";

/**
 * Dropout: nothing at TEST; at TRAIN, values become 0 at random and the rest grows by `1 / (1 - dropout_ratio)`.
 * Source: `dropout_layer.cpp`. SegNet's draws at TEST too with `sample_weights_test`.
 */
export const dropout = neuron({
  type: "Dropout",
  doc: "Sets values to 0 at random while training; passes them on otherwise.",
  params: ["dropout_param"],
  onnx: (emit, layer) => {
    if (emit.dropoutSeed !== undefined) {
      const kept = 1 - layer.message.message("dropout_param").number("dropout_ratio");
      const x = emit.bottom(0);
      // Not as Dropout: onnxruntime takes that out whatever its training_mode says.
      const isKept = emit.node("Less", [emit.node("RandomUniformLike", [x], { seed: { float: emit.dropoutSeed } }), emit.floats([kept], [])]);
      emit.top(0, emit.node("Where", [isKept, emit.node("Mul", [x, emit.floats([1 / kept], [])]), emit.floats([0], [])]));
      return;
    }
    if (layer.phase === "TRAIN" || layer.message.message("dropout_param").bool("sample_weights_test")) {
      throw new Failure(
        "bad-net",
        `${layer.name} drops values at random here: each run gives other numbers`,
        { advice: "Export the net in the TEST phase." },
      );
    }
    emit.top(0, emit.bottom(0));
  },
});
