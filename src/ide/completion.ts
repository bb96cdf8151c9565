import type { Range } from "../text/edit.ts";
import { layerType, layerTypes } from "../layers/registry.ts";
import { shapeText } from "../layers/shape.ts";
import { nodesAt, valuesOf, type MessageNode } from "../prototxt/tree.ts";
import { unquote } from "../prototxt/scalar.ts";
import { dialectNames, isEnum, isMessage, schemaOf, type EnumSchema, type FieldSchema, type MessageSchema } from "../schema/schema.ts";
import { shapeOf } from "../net/shapes.ts";
import type { Analysis } from "./analysis.ts";
import { completionContext, type CompletionContext } from "./completion-context.ts";
import { fieldMarkdown } from "./hover.ts";
import { inside } from "./names.ts";

/** A suggestion. */
export interface Completion {
  readonly label: string;
  readonly kind: "field" | "message" | "enum-value" | "layer-type" | "blob" | "value" | "snippet" | "directive";
  /** A word or two beside the label: a field's type, a blob's shape. */
  readonly detail: string;
  /** What is put in place of `replace`, with `$1` and `${1:text}` for the places to fill in. */
  readonly insert: string;
  readonly replace: Range;
  readonly order: number;
  readonly deprecated?: boolean;
  /** True where the next suggestion is due at once: after `bottom: "`. */
  readonly suggestNext?: boolean;
  /** What {@link completionDoc} finds the documentation by. */
  readonly doc: string;
}

/** What may be written at an offset, the likeliest first. */
export function completionsAt(analysis: Analysis, offset: number): Completion[] {
  const context = completionContext(analysis.document.tree, offset);
  if (context.kind === "nothing") return [];
  if (context.kind === "directive") return directives(analysis, context);
  const schema = schemaAt(analysis, context.path);
  if (schema === undefined) return [];
  const node = messageAt(analysis, context, offset);
  return context.kind === "name" ? fieldNames(analysis, context, schema, node, offset) : values(analysis, context, schema, node, offset);
}

/** The documentation of a suggestion, in Markdown. */
export function completionDoc(analysis: Analysis, doc: string): string {
  const [kind, owner, name] = doc.split(" ");
  const schema = analysis.document.schema;
  if (kind === "field") {
    const field = schema.messages.get(owner!)?.fields.get(name!);
    return field === undefined ? "" : fieldMarkdown(field);
  }
  if (kind === "enum") return schema.enums.get(owner!)?.docs.get(name!) ?? "";
  if (kind === "type") return layerType(owner!, schema.dialect)?.doc ?? "";
  return "";
}

function schemaAt(analysis: Analysis, path: readonly string[]): MessageSchema | undefined {
  let schema: MessageSchema | undefined = analysis.document.root.schema;
  for (const name of path) {
    const type: FieldSchema["type"] | undefined = schema?.fields.get(name)?.type;
    schema = type !== undefined && isMessage(type) ? type : undefined;
  }
  return schema;
}

/** The message of the tree that the context is about; undefined where the tree, for half-typed text, sees another one. */
function messageAt(analysis: Analysis, { open }: CompletionContext, offset: number): MessageNode | undefined {
  const { tree } = analysis.document;
  if (open < 0) return tree.root;
  const chain = [...nodesAt(tree, open), ...nodesAt(tree, offset)];
  return chain.findLast((node) => node.kind === "message" && node.start === open) as MessageNode | undefined;
}

function fieldNames(analysis: Analysis, context: CompletionContext, schema: MessageSchema, node: MessageNode | undefined, offset: number): Completion[] {
  const given = new Set((node?.fields ?? []).filter((field) => field.nameRange.end < offset || field.nameRange.start > offset).map((field) => field.name));
  const type = schema.name === "LayerParameter" ? typeOf(node) : undefined;
  const params = type === undefined ? undefined : layerType(type, analysis.document.dialect.name)?.params;
  const found: Completion[] = [];
  let order = 10;
  for (const field of schema.fields.values()) {
    order++;
    if (field.label !== "repeated" && given.has(field.name)) continue;
    if (params !== undefined && isParam(schema, field) && !params.includes(field.name)) continue;
    const rank = params?.indexOf(field.name) ?? -1;
    found.push({
      label: field.name,
      kind: isMessage(field.type) ? "message" : "field",
      detail: typeText(field),
      insert: context.followed ? field.name : fieldSnippet(field),
      replace: context.replace,
      order: (field.deprecated ? 1000 : 0) + (rank >= 0 ? rank : order),
      ...(field.deprecated && { deprecated: true }),
      ...(wantsMore(field) && !context.followed && { suggestNext: true }),
      doc: `field ${schema.name} ${field.name}`,
    });
  }
  return [...(context.path.length === 0 && !context.followed ? layerSnippet(analysis, context, offset) : []), ...found];
}

/** `convolution_param` and the like: what belongs to certain layer types only. */
function isParam(schema: MessageSchema, field: FieldSchema): boolean {
  return schema.name === "LayerParameter" && isMessage(field.type) && field.name.endsWith("_param");
}

function wantsMore(field: FieldSchema): boolean {
  return ["bottom", "top", "type"].includes(field.name) && field.type === "string";
}

function fieldSnippet(field: FieldSchema): string {
  if (isMessage(field.type)) return `${field.name} {\n  $0\n}`;
  if (isEnum(field.type)) return `${field.name}: \${1|${[...field.type.values.keys()].join(",")}|}`;
  if (field.type === "bool") return `${field.name}: \${1|${field.default === true ? "false,true" : "true,false"}|}`;
  if (field.type === "string" || field.type === "bytes") return `${field.name}: "$1"`;
  return `${field.name}: $1`;
}

function typeText(field: FieldSchema): string {
  const type = typeof field.type === "string" ? field.type : field.type.name.split(".").at(-1)!;
  const fallback = field.hasDefault ? ` = ${String(field.default)}` : "";
  return `${field.label === "optional" ? "" : `${field.label} `}${type}${fallback}`;
}

/** A whole layer that reads what the layer above makes. */
function layerSnippet(analysis: Analysis, context: CompletionContext, offset: number): Completion[] {
  if (analysis.document.kind !== "net" || analysis.net.format === "V0" || analysis.net.format === "V1") return [];
  const above = blobsAbove(analysis, offset).at(-1)?.name ?? "data";
  const insert = `layer {\n  name: "\${1:name}"\n  type: "\${2:Convolution}"\n  bottom: "\${3:${above.replace(/[$}\\]/g, "\\$&")}}"\n  top: "\${1}"\n  $0\n}`;
  return [{ label: "layer", kind: "snippet", detail: `a layer that reads '${above}'`, insert, replace: context.replace, order: 0, doc: "" }];
}

function values(analysis: Analysis, context: CompletionContext, schema: MessageSchema, node: MessageNode | undefined, offset: number): Completion[] {
  const field = schema.fields.get(context.field);
  if (field === undefined) return [];
  const word = (label: string, kind: Completion["kind"], detail: string, order: number, doc = ""): Completion => ({ label, kind, detail, insert: label, replace: context.replace, order, doc });
  if (isEnum(field.type)) return context.quote !== "" ? [] : enumValues(field.type, field, context);
  if (field.type === "bool") return ["true", "false"].map((label, i) => word(label, "value", label === String(field.default) ? "the default" : "", i));
  if (field.type !== "string") return [];
  const quoted = (label: string, kind: Completion["kind"], detail: string, order: number, doc = ""): Completion => ({ ...word(label, kind, detail, order, doc), insert: quoteFor(context, label) });
  if (schema.name.includes("LayerParameter") && field.name === "type") return typeNames(analysis).map((type, i) => quoted(type.type, "layer-type", type.doc, i, `type ${type.type}`));
  if (schema.name.endsWith("LayerParameter") || schema.name === "V0LayerConnection") {
    if (field.name === "bottom") return blobsAbove(analysis, offset).reverse().map(({ name, shape }, i) => quoted(name, "blob", shape, i));
    if (field.name === "top") return topNames(analysis, node, offset).map((name, i) => quoted(name, "blob", "", i));
  }
  if (schema.name === "ParamSpec" && field.name === "name") return paramNames(analysis).map((name, i) => quoted(name, "value", "shared values", i));
  return (wordLists[`${schema.name}.${field.name}`] ?? []).map((name, i) => quoted(name, "value", "", i));
}

/** Words that the schema holds as free text, by message and field. Source: `filler.hpp`, `sgd_solver.cpp`. */
const wordLists: Readonly<Record<string, readonly string[]>> = {
  "FillerParameter.type": ["constant", "xavier", "msra", "gaussian", "uniform", "positive_unitball", "bilinear"],
  "SolverParameter.lr_policy": ["fixed", "step", "multistep", "exp", "inv", "poly", "sigmoid"],
  "SolverParameter.type": ["SGD", "Adam", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta"],
  "SolverParameter.regularization_type": ["L2", "L1"],
};

function enumValues(type: EnumSchema, field: FieldSchema, context: CompletionContext): Completion[] {
  return [...type.values.keys()].map((name, i) => ({
    label: name, kind: "enum-value", detail: name === field.default && field.label !== "repeated" ? "the default" : "", insert: name, replace: context.replace, order: i, doc: `enum ${type.name} ${name}`,
  }));
}

/** The text with the quotes that are not there yet. */
function quoteFor({ quote, closed }: CompletionContext, label: string): string {
  const escaped = label.replace(/[$}\\]/g, "\\$&");
  return quote === "" ? `"${escaped}"` : closed ? escaped : `${escaped}${quote}`;
}

const common = ["Convolution", "ReLU", "Pooling", "InnerProduct", "Softmax", "Dropout", "BatchNorm", "Scale", "LRN", "Concat", "Eltwise", "Input"];

function typeNames(analysis: Analysis): { type: string; doc: string }[] {
  const { name } = analysis.document.dialect;
  const rank = (type: string): number => (common.includes(type) ? common.indexOf(type) : common.length);
  return layerTypes.filter((type) => type.dialects?.includes(name) !== false).map(({ type, doc }) => ({ type, doc })).sort((a, b) => rank(a.type) - rank(b.type) || (a.type < b.type ? -1 : 1));
}

/** The blobs that layers above an offset make, in their order. */
function blobsAbove(analysis: Analysis, offset: number): { name: string; shape: string }[] {
  const above = new Map<string, string>();
  for (const blob of analysis.net.blobs) {
    const node = blob.maker.source?.node;
    if (blob.automatic || (node !== undefined && node.end > offset)) continue;
    above.delete(blob.name);
    const shape = shapeOf(analysis.shapes, blob);
    above.set(blob.name, shape === undefined ? "" : shapeText(shape, "hide"));
  }
  return [...above].map(([name, shape]) => ({ name, shape }));
}

/** A top is called like its layer, or like the bottom it overwrites. */
function topNames(analysis: Analysis, node: MessageNode | undefined, offset: number): string[] {
  const fields = (node?.fields ?? []).filter((field) => offset < field.start || offset > field.end);
  const strings = (name: string): string[] => fields.filter((field) => field.name === name).flatMap((field) => valuesOf(field).map((value) => (value.kind === "scalar" ? unquote(value.raw) : "")));
  const taken = new Set(strings("top"));
  const bottoms = strings("bottom");
  const type = typeOf(node);
  const pointwise = type !== undefined && ["ReLU", "PReLU", "Dropout", "BatchNorm", "Scale", "Sigmoid", "TanH", "ELU"].includes(type);
  return [...new Set([...(pointwise ? bottoms : []), ...strings("name"), ...bottoms])].filter((name) => name !== "" && !taken.has(name));
}

function paramNames(analysis: Analysis): string[] {
  return [...new Set(analysis.net.layers.flatMap((layer) => layer.message.messages("param").map((spec) => spec.text("name"))))].filter((name) => name !== "");
}

function typeOf(node: MessageNode | undefined): string | undefined {
  const value = node?.fields.find((field) => field.name === "type")?.value;
  return value?.kind === "scalar" && value.form === "string" ? unquote(value.raw) : undefined;
}

function directives(analysis: Analysis, { replace }: CompletionContext): Completion[] {
  const { text } = analysis;
  const typed = text.slice(replace.start, replace.end);
  const make = (label: string, detail: string, order: number): Completion => ({ label, kind: "directive", detail, insert: ` ${label.replace(/[$}\\]/g, "\\$&")}`, replace, order, doc: "" });
  if (/^\s*proto-dialect:/.test(typed)) return dialectNames.map((name, i) => make(`proto-dialect: ${name}`, schemaOf(name).title, i));
  if (!/^\s*[a-z-]*$/.test(typed) || typed.trim() === "") return [];
  const { start, end } = inside(text, replace);
  const at = { start, end };
  return [
    { ...make("netsurgeon-disable-line", "silences findings on this line", 0), replace: at },
    { ...make("netsurgeon-disable-next-line", "silences findings on the next line", 1), replace: at },
    { ...make("netsurgeon-disable", "silences findings in this file", 2), replace: at },
    { ...make("proto-dialect:", "the Caffe that the net is for", 3), replace: at },
    { ...make("weights:", "the model that belongs to the net", 4), replace: at },
  ];
}
