import type { Range } from "../text/edit.ts";
import { layerType } from "../layers/registry.ts";
import { unquote } from "../prototxt/scalar.ts";
import { isEnum, isMessage, type EnumSchema, type FieldSchema } from "../schema/schema.ts";
import type { Layer } from "../net/net.ts";
import type { Analysis } from "./analysis.ts";
import { cursorAt } from "./cursor.ts";
import { blobFacts, layerFacts } from "./facts.ts";
import { markdownText } from "./markdown.ts";
import { blobAt, nameAt } from "./names.ts";

/** What is known of a place, in Markdown, and the words it is about. */
export interface Hover extends Range {
  readonly markdown: string;
}

/** The documentation of a field, value, layer or blob; undefined where there is nothing to say. */
export function hoverAt(analysis: Analysis, offset: number): Hover | undefined {
  const cursor = cursorAt(analysis, offset);
  const { field, schema, part, value, layer } = cursor;
  if (field === undefined) return undefined;
  if (part === "name") {
    const opened = field.value?.kind === "message" ? analysis.layerOf.get(field.value) : undefined;
    if (opened !== undefined) return { ...field.nameRange, markdown: layerMarkdown(analysis, opened) };
    return schema === undefined ? undefined : { ...field.nameRange, markdown: fieldMarkdown(schema) };
  }
  if (value === undefined) return undefined;
  const name = nameAt(analysis, offset);
  const blob = name?.kind === "blob" ? blobAt(analysis, offset) : undefined;
  const range = { start: value.start, end: value.end };
  if (blob !== undefined) return { ...range, markdown: lines(blobFacts(analysis, blob)) };
  if (layer !== undefined && (name?.kind === "layer" || (field.name === "type" && schema?.owner.name.includes("LayerParameter") === true))) {
    return { ...range, markdown: layerMarkdown(analysis, layer) };
  }
  if (schema?.name === "type" && schema.owner.name === "LayerParameter") {
    const type = layerType(unquote(value.raw), analysis.document.dialect.name);
    return type === undefined ? undefined : { ...range, markdown: type.doc };
  }
  if (schema !== undefined && isEnum(schema.type)) return { ...range, markdown: enumValueMarkdown(schema.type, value.raw) };
  return schema === undefined ? undefined : { ...range, markdown: fieldMarkdown(schema) };
}

/** A layer: its type and what that does, then its facts. */
export function layerMarkdown(analysis: Analysis, layer: Layer): string {
  const doc = layer.definition?.doc ?? "A layer type that is not known here.";
  return `**${markdownText(layer.name)}** ${markdownText(layer.type)}\n\n${doc}\n\n${layerFacts(analysis, layer).map((fact) => `- ${fact}`).join("\n")}`;
}

/** A field: its name and type with the default, what it does, and the values it can take. */
export function fieldMarkdown(field: FieldSchema): string {
  const type = typeof field.type === "string" ? field.type : field.type.name.split(".").at(-1)!;
  const fallback = field.hasDefault ? ` = ${typeof field.default === "string" && !isEnum(field.type) ? JSON.stringify(field.default) : String(field.default)}` : "";
  const label = field.label === "optional" ? "" : `${field.label} `;
  const head = `\`\`\`protobuf\n${label}${type} ${field.name}${fallback}\n\`\`\``;
  const parts = [head, field.doc];
  if (field.deprecated) parts.push("*Deprecated: Caffe still reads it, but has a successor for it.*");
  if (isEnum(field.type)) parts.push([...field.type.values.keys()].map((name) => valueLine(field.type as EnumSchema, name)).join("\n"));
  else if (isMessage(field.type) && field.type.doc !== field.doc) parts.push(field.type.doc);
  return parts.filter((text) => text !== "").join("\n\n");
}

function enumValueMarkdown(type: EnumSchema, raw: string): string {
  const name = type.names.get(Number(raw)) ?? raw;
  return lines([`**${markdownText(name)}** ${type.name.split(".").at(-1)!}`, type.docs.get(name) ?? ""]);
}

function valueLine(type: EnumSchema, name: string): string {
  const doc = type.docs.get(name) ?? "";
  return `- \`${name}\`${doc === "" ? "" : `: ${doc}`}`;
}

function lines([head, ...facts]: readonly string[]): string {
  return [head, facts.filter((fact) => fact !== "").map((fact) => `- ${fact}`).join("\n")].join("\n\n").trim();
}
