import type { Range } from "../text/edit.ts";
import { unquote } from "../prototxt/scalar.ts";
import { messagesOf, type FieldNode, type MessageNode } from "../prototxt/tree.ts";
import { shapeText } from "../layers/shape.ts";
import type { Analysis } from "./analysis.ts";
import { inside } from "./names.ts";

/** An entry of the outline. */
export interface OutlineSymbol {
  readonly name: string;
  /** What stands beside the name: a layer's type and the shape it makes. */
  readonly detail: string;
  readonly kind: "net" | "data" | "layer" | "loss" | "params" | "field";
  readonly whole: Range;
  /** The part to put the cursor on. */
  readonly at: Range;
  readonly children: readonly OutlineSymbol[];
}

/** The outline: layers with their parameter messages, and the messages at the top of the text. */
export function outline(analysis: Analysis): OutlineSymbol[] {
  return analysis.document.tree.root.fields.flatMap((field) => {
    const messages = messagesOf(field);
    if (messages.length > 0) return messages.map((message) => messageSymbol(analysis, field, message));
    if (analysis.document.kind === "net" && field.name !== "name" && field.name !== "input") return [];
    return [scalarSymbol(analysis, field)];
  });
}

function messageSymbol(analysis: Analysis, field: FieldNode, message: MessageNode): OutlineSymbol {
  const layer = analysis.layerOf.get(message);
  const whole = { start: field.start, end: Math.max(field.end, message.end) };
  const children = message.fields.flatMap((inner) => messagesOf(inner).map((node) => messageSymbol(analysis, inner, node)));
  const name = message.fields.find((inner) => inner.name === "name")?.value;
  const at = name?.kind === "scalar" ? inside(analysis.text, name) : field.nameRange;
  if (layer !== undefined) {
    const shape = analysis.shapes.layers[layer.index]!.tops[0];
    const kind = layer.definition?.role === "data" ? "data" : layer.definition?.role === "loss" ? "loss" : "layer";
    return { name: layer.name || field.name, detail: [layer.type, ...(shape === undefined ? [] : [shapeText(shape, "hide")])].join(" · "), kind, whole, at, children };
  }
  const title = name?.kind === "scalar" ? unquote(name.raw) : "";
  const type = message.fields.find((inner) => inner.name === "type")?.value;
  const isLayer = field.name === "layer" || field.name === "layers";
  const detail = type?.kind === "scalar" ? unquote(type.raw) || type.raw : "";
  return { name: title || field.name, detail, kind: isLayer ? "layer" : "params", whole, at, children };
}

function scalarSymbol(analysis: Analysis, field: FieldNode): OutlineSymbol {
  const value = field.value === undefined ? "" : analysis.text.slice(field.value.start, field.value.end);
  const kind = field.name === "name" ? "net" : field.name === "input" ? "data" : "field";
  return { name: field.name, detail: value.length > 60 ? `${value.slice(0, 60)}…` : value, kind, whole: field, at: field.nameRange, children: [] };
}
