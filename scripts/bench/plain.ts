import type { NetShapes } from "../../src/net/shapes.ts";
import { float, int, type OnnxModel, type OnnxNode } from "../../src/onnx/model.ts";

/** The model with each LRN layer as the one operator that ONNX has for it, as exporters write it that do not care about speed. */
export function withPlainLrn(model: OnnxModel, { net }: NetShapes): OnnxModel {
  let { nodes } = model.graph;
  for (const layer of net.layers) {
    if (layer.type !== "LRN") continue;
    const param = layer.message.message("lrn_param");
    if (param.text("norm_region") === "WITHIN_CHANNEL") continue;
    const isOurs = ({ name }: OnnxNode): boolean => name.startsWith(`${layer.name}/`) || name === layer.name;
    const made = nodes.filter(isOurs);
    const [first, last] = [made[0]!, made.at(-1)!];
    const attributes = { size: int(param.number("local_size")), alpha: float(param.number("alpha")), beta: float(param.number("beta")), bias: float(param.number("k")) };
    const operator: OnnxNode = { name: last.name, opType: "LRN", inputs: [first.inputs[0]!], outputs: last.outputs, attributes };
    nodes = nodes.flatMap((node) => (node === last ? [operator] : isOurs(node) ? [] : [node]));
  }
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  const initializers = model.graph.initializers.filter(({ name }) => used.has(name));
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}
