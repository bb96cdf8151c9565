import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from "./proto-file.ts";

export interface MessageDeclaration {
  readonly kind: "message";
  readonly doc: string;
  readonly fields: ReadonlyMap<string, ProtoField>;
}

export interface EnumDeclaration {
  readonly kind: "enum";
  readonly doc: string;
  readonly values: ReadonlyMap<string, { readonly number: number; readonly doc: string }>;
}

/** Messages and enums by full name, such as `PoolingParameter.PoolMethod`. */
export type Declarations = ReadonlyMap<string, MessageDeclaration | EnumDeclaration>;

/**
 * The declarations with those of a .proto file laid over them.
 *
 * A file says only what differs from what lies below it: a new message, enum, field or value is added; a field or value of the same
 * name replaces the one below and keeps its comment where it has none of its own; a `reserved` name takes away what lies below, and
 * the types that only it used go with it. Imports are laid first, by `over`.
 */
export function declareOver(below: Declarations, { imports, types }: ProtoFile, over: (file: string, below: Declarations) => Declarations): Declarations {
  const under = imports.reduce((lower, file) => over(file, lower), below);
  const declared = new Map(under);
  for (const type of types) {
    const old = declared.get(type.name);
    if (type.kind === "enum") declared.set(type.name, enumOver(old?.kind === "enum" ? old : undefined, type));
    else declared.set(type.name, messageOver(old?.kind === "message" ? old : undefined, type));
  }
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

function messageOver(old: MessageDeclaration | undefined, { doc, reserved, fields: own }: ProtoMessage): MessageDeclaration {
  const fields = new Map(old?.fields);
  for (const name of reserved) fields.delete(name);
  for (const field of own) fields.set(field.name, field.doc === "" ? { ...field, doc: old?.fields.get(field.name)?.doc ?? "" } : field);
  return { kind: "message", doc: doc || (old?.doc ?? ""), fields };
}

function enumOver(old: EnumDeclaration | undefined, { doc, reserved, values: own }: ProtoEnum): EnumDeclaration {
  const values = new Map(old?.values);
  for (const name of reserved) values.delete(name);
  for (const { name, number, doc: said } of own) values.set(name, { number, doc: said || (old?.values.get(name)?.doc ?? "") });
  return { kind: "enum", doc: doc || (old?.doc ?? ""), values };
}
