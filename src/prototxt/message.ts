import type { Range } from "../text/edit.ts";
import { isMessage, type FieldSchema, type MessageSchema } from "../schema/schema.ts";
import type { FieldNode, MessageNode, ScalarNode } from "./tree.ts";

/** One value of a field: what it says and where. Values made by an upgrade of old formats keep the place they came from. */
export interface FieldValue {
  readonly field: FieldSchema;
  readonly value: number | string | boolean | Message;
  /** The whole `name: value`; undefined where no text says it. */
  readonly node: FieldNode | undefined;
  /** The value alone; in a list, the item. */
  readonly valueNode: ScalarNode | MessageNode | undefined;
}

/**
 * A message read with its schema: typed access by field name, defaults where nothing is said.
 *
 * Asking for a field that the schema lacks (another dialect's) gives the empty value of the asked type, so that a rule written for
 * all dialects needs no case for each.
 */
export class Message {
  readonly schema: MessageSchema;
  /** The braces and what is between; undefined for a message that no text holds. */
  readonly node: MessageNode | undefined;
  /** Every value that is given, in the order of the text. Most messages are small, and looking through them is as fast as a table and needs no memory. */
  readonly all: readonly FieldValue[];
  private byName: ReadonlyMap<string, readonly FieldValue[]> | undefined;
  /**
   * What readers of nets work out of a layer's message, for as long as it lives (layer-facts.ts, shapes.ts). They are places in the message because
   * tens of thousands of entries in a WeakMap cost the garbage collector more than they save.
   */
  facts: unknown = undefined;
  asked: unknown = undefined;

  /** `all`: the values of all fields, those of one field in their order. */
  constructor(schema: MessageSchema, all: readonly FieldValue[] = [], node?: MessageNode) {
    this.schema = schema;
    this.all = all;
    this.node = node;
  }

  /** The values of all fields that the text gives, by name. */
  get values(): ReadonlyMap<string, readonly FieldValue[]> {
    if (this.byName !== undefined) return this.byName;
    const byName = new Map<string, FieldValue[]>();
    for (const value of this.all) {
      const known = byName.get(value.field.name);
      if (known === undefined) byName.set(value.field.name, [value]);
      else known.push(value);
    }
    return (this.byName = byName);
  }

  /** The values of a field, in their order. */
  valuesOf(name: string): readonly FieldValue[] {
    if (this.all.length > SMALL) return this.values.get(name) ?? none;
    let found: FieldValue[] | undefined;
    for (const value of this.all) {
      if (value.field.name !== name) continue;
      if (found === undefined) found = [value];
      else found.push(value);
    }
    return found ?? none;
  }

  /** True where the text gives the field. */
  has(name: string): boolean {
    return this.lastOf(name) !== undefined;
  }

  /** How often the field is given. */
  size(name: string): number {
    if (this.all.length > SMALL) return this.values.get(name)?.length ?? 0;
    let size = 0;
    for (const value of this.all) if (value.field.name === name) size++;
    return size;
  }

  /** A number field: the last value given, or its default. */
  number(name: string): number {
    const value = this.last(name);
    return typeof value === "number" ? value : 0;
  }

  numbers(name: string): number[] {
    const found: number[] = [];
    for (const { value } of this.valuesOf(name)) if (typeof value === "number") found.push(value);
    return found;
  }

  bool(name: string): boolean {
    return this.last(name) === true;
  }

  bools(name: string): boolean[] {
    return this.valuesOf(name).flatMap(({ value }) => (typeof value === "boolean" ? [value] : []));
  }

  /** A string field, or the name of an enum value. */
  text(name: string): string {
    const value = this.last(name);
    return typeof value === "string" ? value : "";
  }

  texts(name: string): string[] {
    const found: string[] = [];
    for (const { value } of this.valuesOf(name)) if (typeof value === "string") found.push(value);
    return found;
  }

  /** A message field; where it is not given, an empty message with the defaults of its schema. */
  message(name: string): Message {
    const value = this.lastOf(name)?.value;
    if (value instanceof Message) return value;
    const type = this.schema.fields.get(name)?.type;
    return emptyMessage(type !== undefined && isMessage(type) ? type : noSchema);
  }

  messages(name: string): readonly Message[] {
    const values = this.valuesOf(name);
    if (values.length === 0) return none;
    const found: Message[] = [];
    for (const { value } of values) if (value instanceof Message) found.push(value);
    return found;
  }

  /** Where the value of a field stands, for a diagnostic; undefined where the text does not give it. */
  place(name: string, index = -1): Range | undefined {
    const value = this.valuesOf(name).at(index);
    return value?.valueNode ?? value?.node;
  }

  /** Where `name: value` stands, name included. */
  fieldNode(name: string, index = -1): FieldNode | undefined {
    return this.valuesOf(name).at(index)?.node;
  }

  private last(name: string): FieldValue["value"] | undefined {
    return this.lastOf(name)?.value ?? this.schema.fields.get(name)?.default;
  }

  private lastOf(name: string): FieldValue | undefined {
    const { all } = this;
    if (all.length > SMALL) return this.values.get(name)?.at(-1);
    for (let i = all.length - 1; i >= 0; i--) if (all[i]!.field.name === name) return all[i];
    return undefined;
  }
}

/** A message of values by field name, as the upgrades of old formats collect them. */
export function messageOf(schema: MessageSchema, values: ReadonlyMap<string, readonly FieldValue[]>, node?: MessageNode): Message {
  return new Message(schema, [...values.values()].flat(), node);
}

/** Up to how many values a message is looked through. */
const SMALL = 24;

const none: readonly never[] = [];

/** One for each schema: nothing in it can change. */
function emptyMessage(schema: MessageSchema): Message {
  let empty = emptyOf.get(schema);
  if (empty === undefined) emptyOf.set(schema, (empty = new Message(schema)));
  return empty;
}

const emptyOf = new WeakMap<MessageSchema, Message>();

const noSchema: MessageSchema = { kind: "message", name: "", fields: new Map(), byNumber: new Map(), doc: "" };
