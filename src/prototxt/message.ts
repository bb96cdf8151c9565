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
  readonly values: ReadonlyMap<string, readonly FieldValue[]>;
  /** The braces and what is between; undefined for a message that no text holds. */
  readonly node: MessageNode | undefined;

  constructor(schema: MessageSchema, values: ReadonlyMap<string, readonly FieldValue[]> = new Map<string, readonly FieldValue[]>(), node?: MessageNode) {
    this.schema = schema;
    this.values = values;
    this.node = node;
  }

  /** True where the text gives the field. */
  has(name: string): boolean {
    return (this.values.get(name)?.length ?? 0) > 0;
  }

  /** How often the field is given. */
  size(name: string): number {
    return this.values.get(name)?.length ?? 0;
  }

  /** A number field: the last value given, or its default. */
  number(name: string): number {
    const value = this.last(name);
    return typeof value === "number" ? value : 0;
  }

  numbers(name: string): number[] {
    return this.all(name).filter((value) => typeof value === "number");
  }

  bool(name: string): boolean {
    return this.last(name) === true;
  }

  bools(name: string): boolean[] {
    return this.all(name).filter((value) => typeof value === "boolean");
  }

  /** A string field, or the name of an enum value. */
  text(name: string): string {
    const value = this.last(name);
    return typeof value === "string" ? value : "";
  }

  texts(name: string): string[] {
    return this.all(name).filter((value) => typeof value === "string");
  }

  /** A message field; where it is not given, an empty message with the defaults of its schema. */
  message(name: string): Message {
    const value = this.values.get(name)?.at(-1)?.value;
    if (value instanceof Message) return value;
    const type = this.schema.fields.get(name)?.type;
    return new Message(type !== undefined && isMessage(type) ? type : noSchema);
  }

  messages(name: string): Message[] {
    return this.all(name).filter((value) => value instanceof Message);
  }

  /** Where the value of a field stands, for a diagnostic; undefined where the text does not give it. */
  place(name: string, index = -1): Range | undefined {
    const value = this.values.get(name)?.at(index);
    return value?.valueNode ?? value?.node;
  }

  /** Where `name: value` stands, name included. */
  fieldNode(name: string, index = -1): FieldNode | undefined {
    return this.values.get(name)?.at(index)?.node;
  }

  private last(name: string): FieldValue["value"] | undefined {
    return this.values.get(name)?.at(-1)?.value ?? this.schema.fields.get(name)?.default;
  }

  private all(name: string): FieldValue["value"][] {
    return (this.values.get(name) ?? []).map((value) => value.value);
  }
}

const noSchema: MessageSchema = { kind: "message", name: "", fields: new Map(), byNumber: new Map(), doc: "" };
