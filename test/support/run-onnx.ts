import * as ort from "onnxruntime-node";
import type { OnnxModel } from "../../src/onnx/model.ts";
import { onnxBytes } from "../../src/onnx/write.ts";

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The outputs of a model, in its order, for float32 inputs, run once on the CPU. Inputs that the model lacks are left out. */
export async function runOnnx(model: OnnxModel, inputs: Readonly<Record<string, Values>>): Promise<Values[]> {
  const session = await ort.InferenceSession.create(onnxBytes(model), { logSeverityLevel: 3, intraOpNumThreads: 1, enableCpuMemArena: false });
  const feeds = Object.fromEntries(session.inputNames.map((name) => [name, new ort.Tensor("float32", inputs[name]!.data, [...inputs[name]!.shape])]));
  const outputs = await session.run(feeds);
  await session.release();
  return session.outputNames.map((name) => ({ shape: outputs[name]!.dims, data: outputs[name]!.data as Float32Array }));
}
