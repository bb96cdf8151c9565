import { resolve, type Declarations, type EnumDeclaration } from "./declarations.ts";
import type { ProtoField } from "./proto-file.ts";
import type { EnumSchema, FieldSchema, MessageSchema, ScalarType, Schema } from "./schema.ts";

/** The declarations as a schema: type names become the types themselves, and every scalar has its default. */
export function linkTypes(declarations: Declarations): Pick<Schema, "messages" | "enums"> {
  const enums = new Map<string, EnumSchema>();
  const messages = new Map<string, OpenMessage>();
  for (const [name, declaration] of declarations) {
    if (declaration.kind === "enum") enums.set(name, linkEnum(name, declaration));
    else messages.set(name, { kind: "message", name, doc: declaration.doc, fields: new Map(), byNumber: new Map() });
  }
  for (const [name, declaration] of declarations) {
    if (declaration.kind === "enum") continue;
    const owner = messages.get(name)!;
    for (const field of declaration.fields.values()) {
      const typeName = resolve(declarations, name, field.type);
      const type = typeName === undefined ? scalarType(field) : (messages.get(typeName) ?? enums.get(typeName)!);
      const linked = linkField(field, type, owner);
      owner.fields.set(linked.name, linked);
      owner.byNumber.set(linked.number, linked);
    }
  }
  return { messages, enums };
}

/** A message whose fields are still being added. */
interface OpenMessage extends MessageSchema {
  readonly fields: Map<string, FieldSchema>;
  readonly byNumber: Map<number, FieldSchema>;
}

const scalarTypes: readonly string[] = ["int32", "int64", "uint32", "uint64", "float", "double", "bool", "string", "bytes"] satisfies ScalarType[];

function scalarType({ name, type }: ProtoField): ScalarType {
  if (!scalarTypes.includes(type)) throw new TypeError(`field ${name} has the unknown type ${type}`);
  return type as ScalarType;
}

function linkEnum(name: string, { doc, values }: EnumDeclaration): EnumSchema {
  return {
    kind: "enum",
    name,
    doc,
    values: new Map([...values].map(([value, { number }]) => [value, number])),
    names: new Map([...values].map(([value, { number }]) => [number, value])),
    docs: new Map([...values].map(([value, { doc }]) => [value, doc])),
  };
}

function linkField(field: ProtoField, type: FieldSchema["type"], owner: MessageSchema): FieldSchema {
  return {
    name: field.name,
    number: field.number,
    label: field.label,
    type,
    default: field.default ?? (field.label === "repeated" ? undefined : implicitDefault(type)),
    hasDefault: field.default !== undefined,
    packed: field.packed,
    deprecated: field.deprecated,
    doc: field.doc,
    owner,
  };
}

/** What proto2 reads where nothing is written and no default is stated. */
function implicitDefault(type: FieldSchema["type"]): FieldSchema["default"] {
  if (typeof type === "object") return type.kind === "enum" ? type.values.keys().next().value : undefined;
  if (type === "string" || type === "bytes") return "";
  return type === "bool" ? false : 0;
}
