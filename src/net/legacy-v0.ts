import type { Diagnostic } from "../text/diagnostic.ts";
import { messageOf, type Message, type FieldValue } from "../prototxt/message.ts";
import { isMessage, type MessageSchema } from "../schema/schema.ts";
import type { ListedLayer } from "./legacy.ts";
import { paramSpecs } from "./legacy.ts";

type Report = (diagnostic: Diagnostic) => void;

/** V0's layer types, which are lower-case strings, and the V2 type and parameter message of each. Source: `upgrade_proto.cpp`. */
const types: Record<string, readonly [type: string, param?: string]> = {
  accuracy: ["Accuracy"],
  bnll: ["BNLL"],
  concat: ["Concat", "concat_param"],
  conv: ["Convolution", "convolution_param"],
  data: ["Data", "data_param"],
  dropout: ["Dropout", "dropout_param"],
  euclidean_loss: ["EuclideanLoss"],
  flatten: ["Flatten"],
  hdf5_data: ["HDF5Data", "hdf5_data_param"],
  hdf5_output: ["HDF5Output", "hdf5_output_param"],
  im2col: ["Im2col", "convolution_param"],
  images: ["ImageData", "image_data_param"],
  infogain_loss: ["InfogainLoss", "infogain_loss_param"],
  innerproduct: ["InnerProduct", "inner_product_param"],
  lrn: ["LRN", "lrn_param"],
  multinomial_logistic_loss: ["MultinomialLogisticLoss"],
  padding: ["Padding"],
  pool: ["Pooling", "pooling_param"],
  relu: ["ReLU"],
  sigmoid: ["Sigmoid"],
  softmax: ["Softmax"],
  softmax_loss: ["SoftmaxWithLoss"],
  split: ["Split"],
  tanh: ["TanH"],
  window_data: ["WindowData", "window_data_param"],
};

/** Where V0 fields go, by V0 type; a field whose type is not listed is dropped, as Caffe does. */
const moves: Record<string, { readonly to: string; readonly types: readonly string[] }> = {
  num_output: { to: "num_output", types: ["conv", "innerproduct"] },
  biasterm: { to: "bias_term", types: ["conv", "innerproduct"] },
  weight_filler: { to: "weight_filler", types: ["conv", "innerproduct"] },
  bias_filler: { to: "bias_filler", types: ["conv", "innerproduct"] },
  pad: { to: "pad", types: ["conv", "pool"] },
  kernelsize: { to: "kernel_size", types: ["conv", "pool"] },
  group: { to: "group", types: ["conv"] },
  stride: { to: "stride", types: ["conv", "pool"] },
  pool: { to: "pool", types: ["pool"] },
  dropout_ratio: { to: "dropout_ratio", types: ["dropout"] },
  local_size: { to: "local_size", types: ["lrn"] },
  alpha: { to: "alpha", types: ["lrn"] },
  beta: { to: "beta", types: ["lrn"] },
  k: { to: "k", types: ["lrn"] },
  source: { to: "source", types: ["data", "hdf5_data", "images", "window_data", "infogain_loss"] },
  batchsize: { to: "batch_size", types: ["data", "hdf5_data", "images", "window_data"] },
  rand_skip: { to: "rand_skip", types: ["data", "images"] },
  shuffle_images: { to: "shuffle", types: ["images"] },
  new_height: { to: "new_height", types: ["images"] },
  new_width: { to: "new_width", types: ["images"] },
  concat_dim: { to: "concat_dim", types: ["concat"] },
  det_fg_threshold: { to: "fg_threshold", types: ["window_data"] },
  det_bg_threshold: { to: "bg_threshold", types: ["window_data"] },
  det_fg_fraction: { to: "fg_fraction", types: ["window_data"] },
  det_context_pad: { to: "context_pad", types: ["window_data"] },
  det_crop_mode: { to: "crop_mode", types: ["window_data"] },
};

/** V0 fields that go into `transform_param`, whatever the layer's type. */
const transforms: Record<string, string> = { scale: "scale", meanfile: "mean_file", cropsize: "crop_size", mirror: "mirror" };

/** A V0 `layers { layer { … } bottom … top … }` as a V2 `LayerParameter`. Parameters foreign to the layer's type are dropped. */
export function upgradeV0(connection: Message, schema: MessageSchema, report: Report): Message {
  const values = new Map<string, FieldValue[]>();
  const put = (name: string, given: readonly FieldValue[], value?: string): void => {
    const field = schema.fields.get(name);
    if (given.length > 0 && field !== undefined)
      values.set(
        name,
        given.map((one) => ({ ...one, field, value: value ?? one.value })),
      );
  };
  put("bottom", connection.valuesOf("bottom"));
  put("top", connection.valuesOf("top"));
  const layer = connection.message("layer");
  put("name", layer.valuesOf("name"));
  put("blobs", layer.valuesOf("blobs"));
  const v0Type = layer.text("type");
  const modern = types[v0Type];
  if (layer.has("type")) {
    put("type", layer.valuesOf("type"), modern?.[0] ?? v0Type);
    const place = layer.place("type");
    if (modern === undefined && place !== undefined) {
      report({
        code: "unknown-layer-type",
        severity: "error",
        start: place.start,
        end: place.end,
        layer: layer.text("name"),
        message: `'${v0Type}' is no layer type of the oldest format (V0). Types are written in lower case there: 'conv', 'innerproduct', 'pool'.`,
        caffe: `Unknown layer name: ${v0Type}`,
      });
    }
  }
  const specs = paramSpecs(layer, schema);
  if (specs.length > 0) values.set("param", specs);
  const own = new Map<string, FieldValue[]>();
  const transform = new Map<string, FieldValue[]>();
  for (const [name, given] of layer.values) {
    const move = moves[name];
    const transformed = transforms[name];
    if (transformed !== undefined) transform.set(transformed, [...given]);
    else if (move?.types.includes(v0Type) === true) own.set(move.to, [...given]);
  }
  if (v0Type === "hdf5_output") put("hdf5_output_param", layer.valuesOf("hdf5_output_param"));
  putMessage(values, schema, modern?.[1], own, layer);
  putMessage(values, schema, "transform_param", transform, layer);
  return messageOf(schema, values, connection.node);
}

function putMessage(
  values: Map<string, FieldValue[]>,
  schema: MessageSchema,
  name: string | undefined,
  parts: Map<string, FieldValue[]>,
  layer: Message,
): void {
  const field = name === undefined ? undefined : schema.fields.get(name);
  if (field === undefined || !isMessage(field.type) || parts.size === 0) return;
  const type = field.type;
  const typed = new Map<string, FieldValue[]>();
  for (const [part, given] of parts) {
    const target = type.fields.get(part);
    if (target !== undefined)
      typed.set(
        part,
        given.map((one) => ({ ...one, field: target })),
      );
  }
  values.set(field.name, [{ field, value: messageOf(type, typed, layer.node), node: layer.node?.parent, valueNode: layer.node }]);
}

/**
 * The layers with V0's padding layers folded into the `pad` of the convolution or pooling that reads them; `inputs` are the net's own blobs.
 * Source: `UpgradeV0PaddingLayers`.
 */
export function foldPadding(layers: readonly ListedLayer[], inputs: readonly string[], report: Report): ListedLayer[] {
  const makers = new Map<string, ListedLayer>();
  const folded: ListedLayer[] = [];
  for (const layer of layers) {
    if (isPadding(layer)) checkKnown(layer, [...inputs, ...makers.keys()], report);
    const result = foldInto(layer, makers, report);
    for (const top of layer.message.texts("top")) makers.set(top, result);
    if (!isPadding(layer)) folded.push(result);
  }
  return folded;
}

/** A padding layer goes, so nothing after this would say that it reads a blob that is not there. */
function checkKnown({ message }: ListedLayer, known: readonly string[], report: Report): void {
  message.valuesOf("bottom").forEach(({ value, valueNode }, i) => {
    const name = value as string;
    if (known.includes(name)) return;
    const { start, end } = valueNode ?? message.node ?? { start: 0, end: 0 };
    report({
      code: "unknown-bottom",
      severity: "error",
      start,
      end,
      layer: message.text("name"),
      message: `no layer above makes '${name}'.`,
      caffe: `Unknown blob input ${name} to layer ${i}`,
    });
  });
}

function isPadding(layer: ListedLayer | undefined): boolean {
  return layer?.message.text("type") === "Padding";
}

function foldInto(layer: ListedLayer, makers: ReadonlyMap<string, ListedLayer>, report: Report): ListedLayer {
  const { message } = layer;
  const bottoms = message.texts("bottom");
  const padding = bottoms.map((name) => makers.get(name)).find(isPadding);
  if (padding === undefined) return layer;
  const type = message.text("type");
  const refuse = (problem: string, caffe: string): ListedLayer => {
    const { start, end } = message.place("type") ?? message.node ?? { start: 0, end: 0 };
    const name = message.text("name");
    report({ code: "padding-layer", severity: "error", start, end, layer: name, message: `${name} ${problem}`, caffe });
    // Read past the padding layer, so that only this is reported.
    return { ...layer, message: messageOf(message.schema, new Map([...message.values, ["bottom", sources]]), message.node) };
  };
  const sources = message.valuesOf("bottom").map((bottom) => {
    const maker = makers.get(bottom.value as string);
    return (isPadding(maker) ? maker!.message.valuesOf("bottom")[0] : undefined) ?? bottom;
  });
  if (type !== "Convolution" && type !== "Pooling") {
    const problem = "reads a padding layer, which only a convolution or a pooling layer can take up. Remove the padding layer.";
    return refuse(problem, `Padding layer input to non-convolutional / non-pooling layer type ${layer.source?.message("layer").text("type") ?? ""}`);
  }
  if (bottoms.length !== 1) return refuse("reads a padding layer among other bottoms; it takes one bottom.", "Conv Layer takes a single blob as input.");
  if (padding.message.size("bottom") !== 1) return refuse("reads a padding layer that has not one bottom.", "Padding Layer takes a single blob as input.");
  const name = type === "Convolution" ? "convolution_param" : "pooling_param";
  const field = message.schema.fields.get(name)!;
  if (!isMessage(field.type)) return layer;
  const pad = padding.source?.message("layer").valuesOf("pad") ?? [];
  const padField = field.type.fields.get("pad")!;
  const param = message.message(name);
  const values = new Map(message.values);
  values.set(name, [
    {
      field,
      value: messageOf(field.type, new Map([...param.values, ["pad", pad.map((one) => ({ ...one, field: padField }))]]), param.node),
      node: message.fieldNode(name),
      valueNode: undefined,
    },
  ]);
  values.set("bottom", [...padding.message.valuesOf("bottom")]);
  return { ...layer, message: messageOf(message.schema, values, message.node) };
}
