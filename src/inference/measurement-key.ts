import { createHash } from "node:crypto";
import { arch, cpus, platform } from "node:os";
import type { OnnxModel } from "../onnx/model.ts";
import type { Provider } from "./messages.ts";

/** What a measured choice is remembered by: equal for the same machine, provider, question and structure of the net, whatever its weights. */
export function measurementKey(provider: Provider, question: string, onPatch: OnnxModel): string {
  const { nodes, initializers } = onPatch.graph;
  const net = JSON.stringify([nodes.map(({ opType, attributes }) => [opType, attributes]), initializers.map(({ shape }) => shape)], (_, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  const machine = [cpus()[0]?.model ?? "", cpus().length, platform(), arch()].join(" ");
  return createHash("sha256").update([machine, provider, question, net].join("\n")).digest("hex").slice(0, 24);
}
