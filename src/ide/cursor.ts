import type { Range } from "../text/edit.ts";
import { isMessage, type FieldSchema, type MessageSchema } from "../schema/schema.ts";
import { nodesAt, valuesOf, type FieldNode, type MessageNode, type ScalarNode } from "../prototxt/tree.ts";
import type { Layer } from "../net/net.ts";
import type { Analysis } from "./analysis.ts";

/** What stands at a place of a text. */
export interface Cursor {
  /** The field, where the place is on its name or value. */
  readonly field: FieldNode | undefined;
  /** What the schema says of the field; undefined for a field it does not have. */
  readonly schema: FieldSchema | undefined;
  readonly part: "name" | "value" | "between";
  /** The single value at the place. */
  readonly value: ScalarNode | undefined;
  /** The messages around the place with their schemas, outermost first. */
  readonly messages: readonly { readonly node: MessageNode; readonly schema: MessageSchema | undefined }[];
  /** The layer around the place, if the net has it. */
  readonly layer: Layer | undefined;
}

/** What stands at an offset. Both ends of a word count as on it. */
export function cursorAt(analysis: Analysis, offset: number): Cursor {
  const { document } = analysis;
  const messages: { node: MessageNode; schema: MessageSchema | undefined }[] = [];
  let schema: MessageSchema | undefined = document.root.schema;
  let field: FieldNode | undefined;
  let fieldSchema: FieldSchema | undefined;
  let layer: Layer | undefined;
  for (const node of nodesAt(document.tree, offset)) {
    if (node.kind === "message") {
      if (node.parent !== undefined) schema = fieldSchema !== undefined && isMessage(fieldSchema.type) ? fieldSchema.type : undefined;
      messages.push({ node, schema });
      layer = analysis.layerOf.get(node) ?? layer;
      field = undefined;
    } else {
      field = node;
      fieldSchema = schema?.fields.get(node.name);
    }
  }
  // Behind an opening brace's name the chain ends with the message, but `name` itself is still the field.
  const last = messages.at(-1)!;
  const owner = last.node.parent;
  if (field === undefined && owner !== undefined && contains(owner.nameRange, offset)) field = owner;
  if (field === undefined) return { field, schema: undefined, part: "between", value: undefined, messages, layer };
  const part = contains(field.nameRange, offset) ? "name" : "value";
  const value = part === "value" ? valuesOf(field).find((item) => item.kind === "scalar" && contains(item, offset)) : undefined;
  if (part === "name" && owner === field) fieldSchema = messages.at(-2)?.schema?.fields.get(field.name);
  // On the name of `layer { … }` itself, the layer is the one it opens.
  if (part === "name" && field.value?.kind === "message") layer = analysis.layerOf.get(field.value) ?? layer;
  return { field, schema: fieldSchema, part, value: value?.kind === "scalar" ? value : undefined, messages, layer };
}

function contains({ start, end }: Range, offset: number): boolean {
  return start <= offset && offset <= end;
}
