import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OnnxModel } from "../onnx/model.ts";
import { onnxBytes, writeOnnxFile } from "../onnx/write.ts";
import type { Inference } from "./client.ts";
import type { Session, SessionOptions } from "./messages.ts";

/** Above this size of its weights a model goes through a file: as a message, 550 MB take three times as long and twice the memory. */
const largeModel = 16e6;

/** Loads a model made in memory into the inference process. */
export async function loadModel(inference: Inference, model: OnnxModel, options: SessionOptions): Promise<Session> {
  const size = model.graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (size < largeModel) return inference.load(onnxBytes(model), options);
  const folder = await mkdtemp(join(tmpdir(), "netsurgeon-"));
  try {
    const file = join(folder, "model.onnx");
    await writeOnnxFile(model, file);
    return await inference.load(file, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
