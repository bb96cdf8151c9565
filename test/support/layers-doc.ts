import type { Counts, LayerType } from "../../src/layers/definition.ts";
import { layerTypes } from "../../src/layers/registry.ts";
import { shapeText } from "../../src/layers/shape.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { reachOf } from "../../src/net/reach.ts";
import { inferShapes } from "../../src/net/shapes.ts";

/** What a type needs in its text to have shapes on the example input. */
const examples: Readonly<Record<string, string>> = {
  ArgMax: "argmax_param { axis: 1 }",
  Clip: "clip_param { min: 0 max: 6 }",
  Convolution: "convolution_param { num_output: 4 kernel_size: 3 stride: 2 }",
  ConvolutionDepthwise: "convolution_param { num_output: 8 kernel_size: 3 }",
  Deconvolution: "convolution_param { num_output: 4 kernel_size: 4 stride: 2 }",
  DepthwiseConvolution: "convolution_param { num_output: 8 kernel_size: 3 }",
  DummyData: "dummy_data_param { shape { dim: 2 dim: 8 } }",
  Embed: "embed_param { num_output: 4 input_dim: 10 }",
  Im2col: "convolution_param { kernel_size: 3 }",
  InnerProduct: "inner_product_param { num_output: 4 }",
  Input: "input_param { shape { dim: 2 dim: 8 dim: 16 dim: 16 } }",
  Interp: "interp_param { zoom_factor: 2 }",
  LSTM: "recurrent_param { num_output: 4 }",
  MemoryData: "memory_data_param { batch_size: 2 channels: 8 height: 16 width: 16 }",
  Parameter: "parameter_param { shape { dim: 8 } }",
  Permute: "permute_param { order: 0 order: 2 order: 3 order: 1 }",
  Pooling: "pooling_param { kernel_size: 2 stride: 2 }",
  RNN: "recurrent_param { num_output: 4 }",
  Reorg: "reorg_param { stride: 2 }",
  Reshape: "reshape_param { shape { dim: 0 dim: -1 } }",
  SPP: "spp_param { pyramid_height: 2 }",
  Slice: "slice_param { slice_point: 4 }",
  Tile: "tile_param { tiles: 2 }",
};

/** docs/layers.md: every layer type with what the registry knows of it. */
export function layersDocument(): string {
  const types = [...layerTypes].sort((a, b) => (a.type.toLowerCase() < b.type.toLowerCase() ? -1 : a.type.toLowerCase() > b.type.toLowerCase() ? 1 : 0));
  const rows = types.map((type) => `| ${cells(type).join(" | ")} |`);
  return `# Layer types

Made from the registry (\`src/layers/registry.ts\`) by \`UPDATE=1 npm test -- layers/doc\`; a test keeps it true.

*Example*: the top of a layer whose bottoms are 2 x 8 x 16 x 16, with the smallest parameters that make sense; where it needs bottoms of other kinds, nothing.
*Sees*: what one output position depends on: the same position, a window, or the whole input.
*On images*: what conversion to a fully convolutional net does with it. *ONNX*: whether \`export\` writes it.

| Type | What it does | Bottoms, tops | Example | Learned blobs | Sees | On images | ONNX | Caffes |
|---|---|---|---|---|---|---|---|---|
${rows.join("\n")}

${types.filter((type) => type.dialects === undefined).length} types are BVLC Caffe's, ${types.filter((type) => type.dialects !== undefined).length} entries are those of other Caffes, or theirs of the same name.

## Why some have no ONNX form

${types.filter((type) => typeof type.onnx === "string").map((type) => `- **${type.type}**${type.dialects === undefined ? "" : ` (${type.dialects.join(", ")})`}: ${type.onnx as string}`).join("\n")}
`;
}

function cells(type: LayerType): string[] {
  const { top, params, sees } = probe(type);
  return [
    `\`${type.type}\``,
    type.doc,
    `${counts(type.bottoms)}, ${counts(type.tops)}`,
    top,
    params,
    sees,
    onImages(type, sees),
    typeof type.onnx === "string" ? (type.role === "data" ? "input" : "no") : "yes",
    type.dialects?.join(", ") ?? "all",
  ];
}

function counts(given: LayerType["bottoms"]): string {
  if (typeof given === "function") return "by its parameters";
  const { min, max }: Counts = given;
  return max === undefined ? `${min}+` : min === max ? String(min) : `${min}-${max}`;
}

/** What the type's own rules say of the example. */
function probe(type: LayerType): { top: string; params: string; sees: string } {
  const bottoms = typeof type.bottoms === "function" ? 1 : type.bottoms.min;
  const tops = typeof type.tops === "function" ? 1 : Math.max(type.type === "Slice" ? 2 : 1, type.tops.min);
  const inputs = Array.from({ length: bottoms }, (_, i) => `input: "b${i}" input_dim: 2 input_dim: 8 input_dim: 16 input_dim: 16`);
  const blobs = [...Array.from({ length: bottoms }, (_, i) => `bottom: "b${i}"`), ...Array.from({ length: tops }, (_, i) => `top: "t${i}"`)];
  const text = [...inputs, `layer { name: "x" type: "${type.type}" ${blobs.join(" ")} ${examples[type.type] ?? ""} }`].join("\n");
  const shapes = inferShapes(readNet(readDocument(text, { dialect: type.dialects?.[0] ?? "bvlc" })));
  const layer = shapes.net.layers.at(-1)!;
  const result = shapes.layers.at(-1)!;
  const known = shapes.determined.at(-1) === true && shapes.diagnostics.every((d) => d.severity !== "error") && result.tops[0] !== undefined;
  const reach = known && bottoms > 0 ? reachOf(shapes, layer) : undefined;
  const seen = { pointwise: "its position", window: "a window", upsample: "a window, finer output", whole: "everything", none: "-" };
  return { top: known ? shapeText(result.tops[0]) : "", params: known ? result.params.map((shape) => shapeText(shape)).join(", ") : "", sees: reach === undefined ? "-" : seen[reach.kind] };
}

function onImages(type: LayerType, sees: string): string {
  if (type.type === "InnerProduct") return "becomes a convolution";
  if (type.type === "Flatten" || type.type === "Reshape") return "removed before a fully connected layer";
  if (type.role === "data") return "-";
  if (sees === "everything") return "no";
  return sees === "-" ? "-" : "stays";
}
