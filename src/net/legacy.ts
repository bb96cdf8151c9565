import type { Diagnostic } from "../text/diagnostic.ts";
import { messageOf, type Message, type FieldValue } from "../prototxt/message.ts";
import type { MessageSchema, Schema } from "../schema/schema.ts";
import { isMessage, schemaOf } from "../schema/schema.ts";
import { upgradeV0, foldPadding } from "./legacy-v0.ts";

/** Which of Caffe's formats a net is written in: `layer` (V2), `layers` with `type: CONVOLUTION` (V1), `layers { layer { … } }` (V0). */
export type NetFormat = "V2" | "V1" | "V0" | "mixed" | "empty";

/** The layers of a net as Caffe sees them after its upgrades, before phases are looked at. */
export interface ListedLayers {
  readonly format: NetFormat;
  /** Each a `LayerParameter`; its values keep the places of the text they came from. */
  readonly layers: readonly ListedLayer[];
}

/** One `layer { … }` of the text, or the Input layer that net-level `input` fields stand for (then `node` is undefined). */
export interface ListedLayer {
  readonly message: Message;
  readonly source: Message | undefined;
  /** True for the Input layer made of net-level `input` fields. */
  readonly fromInputs: boolean;
}

/**
 * All layers of a `NetParameter`, each as a V2 `LayerParameter` whatever the text's format; upgrades as `upgrade_proto.cpp`.
 * What the upgrade refuses is reported.
 */
export function listLayers(net: Message, schema: Schema, report: (diagnostic: Diagnostic) => void): ListedLayers {
  const layerSchema = schema.messages.get("LayerParameter")!;
  const modern = net.messages("layer");
  const old = net.messages("layers");
  const isV0 = old.some((layer) => layer.has("layer"));
  const format: NetFormat = modern.length > 0 ? (old.length > 0 ? "mixed" : "V2") : old.length > 0 ? (isV0 ? "V0" : "V1") : "empty";
  if (format === "mixed") {
    const first = net.fieldNode("layers", 0);
    const range = first?.nameRange ?? { start: 0, end: 0 };
    report({
      code: "mixed-formats",
      severity: "error",
      ...range,
      message:
        "the net has layers in the old format ('layers') and in the current one ('layer'); Caffe refuses the mixture. Write all of them as 'layer'.",
    });
  }
  const upgrade = (layer: Message): Message => (isV0 ? upgradeV0(layer, layerSchema, report) : upgradeV1(layer, layerSchema));
  const upgraded: ListedLayer[] = old.map((source) => ({ message: upgrade(source), source, fromInputs: false }));
  const layers = [
    ...(isV0 ? foldPadding(upgraded, net.texts("input"), report) : upgraded),
    ...modern.map((message) => ({ message, source: message, fromInputs: false })),
  ];
  // Caffes older than the Input layer make the same blobs without one; BVLC's schema has what the layer needs.
  const input = inputLayer(net, layerSchema.fields.has("input_param") ? layerSchema : schemaOf("bvlc").messages.get("LayerParameter")!);
  return { format, layers: input === undefined ? layers : [{ message: input, source: undefined, fromInputs: true }, ...layers] };
}

/** V2 names of V1's layer types; those not listed are written alike but for capitals and underscores. */
const typeNames: Record<string, string> = {
  NONE: "",
  ABSVAL: "AbsVal",
  ARGMAX: "ArgMax",
  BNLL: "BNLL",
  HDF5_DATA: "HDF5Data",
  HDF5_OUTPUT: "HDF5Output",
  LRN: "LRN",
  MVN: "MVN",
  RELU: "ReLU",
  PRELU: "PReLU",
  SOFTMAX_LOSS: "SoftmaxWithLoss",
  TANH: "TanH",
  BN: "BN",
  LSTM: "LSTM",
  RNN: "RNN",
  SPP: "SPP",
  ELU: "ELU",
};

/** The V2 type of a V1 `type: CONVOLUTION`. */
export function modernType(name: string): string {
  return typeNames[name] ?? name.toLowerCase().replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}

/** The V1 enum name of a V2 type, undefined where V1 has none. */
export function legacyType(type: string, enumNames: Iterable<string>): string | undefined {
  for (const name of enumNames) if (modernType(name) === type) return name;
  return undefined;
}

function upgradeV1(layer: Message, schema: MessageSchema): Message {
  const values = new Map<string, FieldValue[]>();
  for (const [name, given] of layer.values) {
    const field = schema.fields.get(name);
    if (["layer", "type", "param", "blobs_lr", "weight_decay", "blob_share_mode"].includes(name) || field === undefined) continue;
    values.set(
      name,
      given.map((value) => ({ ...value, field })),
    );
  }
  const type = layer.valuesOf("type").at(-1);
  if (type !== undefined) values.set("type", [{ ...type, field: schema.fields.get("type")!, value: modernType(layer.text("type")) }]);
  const specs = paramSpecs(layer, schema);
  if (specs.length > 0) values.set("param", specs);
  const dataParam = transformHome(layer);
  if (dataParam !== undefined) upgradeTransform(layer, dataParam, values, schema);
  return messageOf(schema, values, layer.node);
}

/** V1's parallel lists `param`, `blobs_lr`, `weight_decay`, `blob_share_mode` as V2 `param { name lr_mult decay_mult share_mode }`. */
export function paramSpecs(layer: Message, schema: MessageSchema): FieldValue[] {
  const parts = [
    ["param", "name"],
    ["blobs_lr", "lr_mult"],
    ["weight_decay", "decay_mult"],
    ["blob_share_mode", "share_mode"],
  ] as const;
  const field = schema.fields.get("param")!;
  if (!isMessage(field.type)) return [];
  const specSchema = field.type;
  const size = Math.max(...parts.map(([old]) => layer.size(old)));
  return Array.from({ length: size }, (_, i) => {
    const values = new Map<string, FieldValue[]>();
    let origin: FieldValue | undefined;
    for (const [old, modern] of parts) {
      const given = layer.valuesOf(old)[i];
      if (given === undefined) continue;
      origin ??= given;
      values.set(modern, [{ ...given, field: specSchema.fields.get(modern)! }]);
    }
    return { field, value: messageOf(specSchema, values), node: origin?.node, valueNode: origin?.valueNode };
  });
}

/** The fields that V1 data layers held among their own parameters; V2 has them in `transform_param`. */
export const transformFields = ["scale", "mean_file", "crop_size", "mirror"] as const;

/** The parameter message of a V1 data layer that holds such fields; undefined where nothing has to move. Source: `UpgradeNetDataTransformation`. */
export function transformHome(layer: Message): string | undefined {
  const name = { DATA: "data_param", IMAGE_DATA: "image_data_param", WINDOW_DATA: "window_data_param" }[layer.text("type")];
  return name !== undefined && transformFields.some((field) => layer.message(name).has(field)) ? name : undefined;
}

function upgradeTransform(layer: Message, home: string, values: Map<string, FieldValue[]>, schema: MessageSchema): void {
  const field = schema.fields.get("transform_param");
  const homeField = schema.fields.get(home);
  if (field === undefined || homeField === undefined || !isMessage(field.type) || !isMessage(homeField.type)) return;
  const data = layer.message(home);
  const moved = new Map(layer.message("transform_param").values);
  const left = new Map(data.values);
  for (const name of transformFields) {
    const given = data.valuesOf(name);
    const target = field.type.fields.get(name);
    if (given.length === 0 || target === undefined) continue;
    moved.set(name, given.map((value) => ({ ...value, field: target })));
    left.delete(name);
  }
  const place = layer.valuesOf(home).at(-1)!;
  values.set("transform_param", [{ field, value: messageOf(field.type, moved), node: place.node, valueNode: undefined }]);
  values.set(home, [{ ...place, field: homeField, value: messageOf(homeField.type, left, data.node) }]);
}

/** The Input layer that Caffe puts first for net-level `input`, with `input_shape` (which wins) or four `input_dim` each; none without sizes. */
function inputLayer(net: Message, schema: MessageSchema): Message | undefined {
  const names = net.valuesOf("input");
  const shapes = net.valuesOf("input_shape");
  const dims = net.valuesOf("input_dim");
  if (names.length === 0 || (shapes.length === 0 && dims.length === 0)) return undefined;
  const paramField = schema.fields.get("input_param");
  if (paramField === undefined || !isMessage(paramField.type)) return undefined;
  const shapeField = paramField.type.fields.get("shape")!;
  if (!isMessage(shapeField.type)) return undefined;
  const shapeSchema = shapeField.type;
  const dimField = shapeSchema.fields.get("dim")!;
  const shapeValues: FieldValue[] =
    shapes.length > 0
      ? shapes.slice(0, names.length).map((shape) => ({ ...shape, field: shapeField }))
      : names.map((_, i) => {
          const four = dims.slice(4 * i, 4 * i + 4).map((dim) => ({ ...dim, field: dimField }));
          return {
            field: shapeField,
            value: messageOf(shapeSchema, new Map([["dim", four]])),
            node: four[0]?.node,
            valueNode: four[0]?.valueNode,
          };
        });
  const literal = (name: string, value: string): [string, FieldValue[]] => [
    name,
    [{ field: schema.fields.get(name)!, value, node: undefined, valueNode: undefined }],
  ];
  const top = schema.fields.get("top")!;
  return messageOf(
    schema,
    new Map<string, FieldValue[]>([
      literal("name", "input"),
      literal("type", "Input"),
      ["top", names.map((name) => ({ ...name, field: top }))],
      [
        "input_param",
        [
          {
            field: paramField,
            value: messageOf(paramField.type, new Map([["shape", shapeValues]])),
            node: names[0]!.node,
            valueNode: undefined,
          },
        ],
      ],
    ]),
  );
}
