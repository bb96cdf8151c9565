import { Enum, parse, Type, type Field, type NamespaceBase } from "protobufjs";

/** A field as written; its type is still a name, to be looked up from inside its message. */
export interface FieldDeclaration {
  readonly name: string;
  readonly number: number;
  readonly label: "optional" | "required" | "repeated";
  readonly type: string;
  /** The default that is stated; enum values by name. */
  readonly default: number | string | boolean | undefined;
  readonly packed: boolean;
  readonly deprecated: boolean;
  readonly doc: string;
}

export interface MessageDeclaration {
  readonly kind: "message";
  readonly doc: string;
  readonly fields: ReadonlyMap<string, FieldDeclaration>;
}

export interface EnumDeclaration {
  readonly kind: "enum";
  readonly doc: string;
  readonly values: ReadonlyMap<string, { readonly number: number; readonly doc: string }>;
}

/** Messages and enums by full name, such as `PoolingParameter.PoolMethod`. */
export type Declarations = ReadonlyMap<string, MessageDeclaration | EnumDeclaration>;

/**
 * The declarations with those of a .proto text laid over them.
 *
 * A text says only what differs from what lies below it: a new message, enum, field or value is added; a field or value of the same
 * name replaces the one below and keeps its comment where it has none of its own; a `reserved` name takes away what lies below, and
 * the types that only it used go with it. Imports are laid first, by `over`.
 */
export function declareOver(below: Declarations, text: string, over: (file: string, below: Declarations) => Declarations): Declarations {
  const { root, imports } = parse(text, { keepCase: true, alternateCommentMode: true });
  const under = (imports ?? []).reduce((lower, file) => over(file, lower), below);
  const declared = new Map(under);
  const visit = (space: NamespaceBase, prefix: string): void => {
    for (const object of space.nestedArray) {
      const name = prefix + object.name;
      const old = declared.get(name);
      if (object instanceof Enum) declared.set(name, enumOver(old?.kind === "enum" ? old : undefined, object));
      if (!(object instanceof Type)) continue;
      declared.set(name, messageOver(old?.kind === "message" ? old : undefined, object));
      visit(object, `${name}.`);
    }
  };
  visit(root, "");
  return cutOrphans(under, declared);
}

/** The full name of a type that a field of a message names, looked up from the inside out as protobuf does; undefined for a scalar. */
export function resolve(declarations: Declarations, message: string, type: string): string | undefined {
  for (let scope = message; scope !== ""; scope = scope.slice(0, Math.max(0, scope.lastIndexOf(".")))) {
    if (declarations.has(`${scope}.${type}`)) return `${scope}.${type}`;
  }
  return declarations.has(type) ? type : undefined;
}

/** The declarations above without the types that a field used below and none uses above. */
function cutOrphans(below: Declarations, above: Declarations): Declarations {
  const before = usedTypes(below);
  for (let left = above; ; ) {
    const now = usedTypes(left);
    const kept = new Map([...left].filter(([name]) => now.has(name) || !before.has(name)));
    if (kept.size === left.size) return kept;
    left = kept;
  }
}

function usedTypes(declarations: Declarations): Set<string> {
  const used = new Set<string>();
  for (const [name, declaration] of declarations) {
    if (declaration.kind === "enum") continue;
    for (const field of declaration.fields.values()) {
      const type = resolve(declarations, name, field.type);
      if (type !== undefined && type !== name) used.add(type);
    }
  }
  return used;
}

function messageOver(old: MessageDeclaration | undefined, type: Type): MessageDeclaration {
  const fields = new Map(old?.fields);
  for (const name of reservedNames(type)) fields.delete(name);
  for (const field of type.fieldsArray) fields.set(field.name, readField(field, old?.fields.get(field.name)));
  return { kind: "message", doc: oneLine(type.comment) || (old?.doc ?? ""), fields };
}

function enumOver(old: EnumDeclaration | undefined, type: Enum): EnumDeclaration {
  const values = new Map(old?.values);
  for (const name of reservedNames(type)) values.delete(name);
  for (const [name, number] of Object.entries(type.values)) {
    values.set(name, { number, doc: oneLine(type.comments[name]) || (old?.values.get(name)?.doc ?? "") });
  }
  return { kind: "enum", doc: oneLine(type.comment) || (old?.doc ?? ""), values };
}

function readField(field: Field, old: FieldDeclaration | undefined): FieldDeclaration {
  const options: Readonly<Record<string, unknown>> = field.options ?? {};
  return {
    name: field.name,
    number: field.id,
    label: field.rule === "repeated" || field.rule === "required" ? field.rule : "optional",
    type: field.type,
    default: options["default"] as FieldDeclaration["default"],
    packed: options["packed"] === true,
    deprecated: options["deprecated"] === true,
    doc: oneLine(field.comment) || (old?.doc ?? ""),
  };
}

function reservedNames(type: Type | Enum): string[] {
  return (type.reserved ?? []).filter((item) => typeof item === "string");
}

/** Comments are wrapped in the file; readers wrap them again. */
function oneLine(comment: string | null | undefined): string {
  return (comment ?? "").replace(/\s*\n\s*/g, " ").trim();
}
