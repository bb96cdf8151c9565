import type { Range } from "../text/edit.ts";
import { isEnum, isMessage, type FieldSchema, type MessageSchema } from "../schema/schema.ts";
import { valuesOf, type FieldNode, type MessageNode, type ScalarNode } from "../prototxt/tree.ts";
import type { Analysis } from "./analysis.ts";

export const semanticTypes = ["property", "struct", "class", "type", "variable", "parameter", "enumMember"] as const;
export const semanticModifiers = ["declaration", "modification", "deprecated"] as const;

/** A word and what it is. */
export interface SemanticToken extends Range {
  readonly type: (typeof semanticTypes)[number];
  readonly modifiers: readonly (typeof semanticModifiers)[number][];
}

/** What the words of a range mean, in the order of the text: fields the schema knows, layers, types, blobs (made, changed in place, read), enum values. */
export function semanticTokens(analysis: Analysis, range: Range = { start: 0, end: analysis.text.length }): SemanticToken[] {
  const tokens: SemanticToken[] = [];
  visit(analysis, analysis.document.tree.root, analysis.document.root.schema, range, tokens);
  return tokens;
}

function visit(analysis: Analysis, message: MessageNode, schema: MessageSchema | undefined, range: Range, tokens: SemanticToken[]): void {
  const bottoms = schema?.name.endsWith("LayerParameter") === true || schema?.name.endsWith("LayerConnection") === true ? stringsOf(message, "bottom") : [];
  let top = 0;
  for (const field of message.fields) {
    const isTop = field.name === "top";
    if (field.end >= range.start && field.start <= range.end) visitField(analysis, field, schema?.fields.get(field.name), isTop ? bottoms[top] : undefined, range, tokens);
    if (isTop) top++;
  }
}

function visitField(analysis: Analysis, field: FieldNode, known: FieldSchema | undefined, bottom: string | undefined, range: Range, tokens: SemanticToken[]): void {
  if (known === undefined) return;
  const isLayer = field.name === "layer" || field.name === "layers";
  if (!isLayer) tokens.push({ ...at(field.nameRange), type: isMessage(known.type) ? "struct" : "property", modifiers: known.deprecated ? ["deprecated"] : [] });
  for (const value of valuesOf(field)) {
    if (value.kind === "message") {
      if (isMessage(known.type)) visit(analysis, value, known.type, range, tokens);
      continue;
    }
    const meaning = meaningOf(known, value, bottom);
    // A token of the protocol lies on one line.
    if (meaning !== undefined && !value.raw.includes("\n")) tokens.push({ ...at(value), ...meaning });
  }
}

function meaningOf(field: FieldSchema, value: ScalarNode, bottom: string | undefined): Omit<SemanticToken, "start" | "end"> | undefined {
  if (isEnum(field.type)) return value.form === "identifier" ? { type: field.name === "type" ? "type" : "enumMember", modifiers: [] } : undefined;
  if (value.form !== "string") return undefined;
  const owner = field.owner.name;
  if (owner === "ParamSpec" && field.name === "name") return { type: "parameter", modifiers: [] };
  if (owner === "NetParameter" && field.name === "input") return { type: "variable", modifiers: ["declaration"] };
  if (!owner.endsWith("LayerParameter")) return undefined;
  switch (field.name) {
    case "name":
      return { type: "class", modifiers: ["declaration"] };
    case "type":
      return { type: "type", modifiers: [] };
    case "bottom":
      return { type: "variable", modifiers: [] };
    case "top":
      return { type: "variable", modifiers: [bottom === value.raw ? "modification" : "declaration"] };
    default:
      return undefined;
  }
}

function stringsOf(message: MessageNode, name: string): string[] {
  return message.fields.filter((field) => field.name === name).flatMap((field) => valuesOf(field).map((value) => (value.kind === "scalar" ? value.raw : "")));
}

function at({ start, end }: Range): Range {
  return { start, end };
}
