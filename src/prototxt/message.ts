import type { Range } from "../text/edit.ts";
import { isMessage, type FieldSchema, type MessageSchema } from "../schema/schema.ts";
import { unquote } from "./scalar.ts";
import { valuesOf, type FieldNode, type MessageNode, type ScalarNode } from "./tree.ts";

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
  private readonly where: MessageNode | Inside | undefined;
  private given: readonly FieldValue[] | undefined;
  /** A message that gives the same, elsewhere: what it says holds here too, but for the places and for `strings`. */
  readonly model: Message | undefined;
  private byName: ReadonlyMap<string, readonly FieldValue[]> | undefined;
  /**
   * What readers of nets work out of a layer's message, for as long as it lives (layer-facts.ts, shapes.ts). They are places in the message because
   * tens of thousands of entries in a WeakMap cost the garbage collector more than they save.
   */
  facts: unknown = undefined;
  asked: unknown = undefined;

  /** `all`: the values of all fields, those of one field in their order. */
  constructor(schema: MessageSchema, all: readonly FieldValue[] | Message = [], where?: MessageNode | Inside) {
    this.schema = schema;
    this.model = all instanceof Message ? (all.model ?? all) : undefined;
    this.given = all instanceof Message ? undefined : all;
    this.where = where;
  }

  /** The braces and what is between; undefined for a message that no text holds. */
  get node(): MessageNode | undefined {
    const { where } = this;
    return where instanceof Inside ? where.message.lastOf(where.field)!.valueNode as MessageNode : where;
  }

  /** Every value that is given, in the order of the text. Most messages are small, and looking through them is as fast as a table and needs no memory. */
  get all(): readonly FieldValue[] {
    return (this.given ??= placed(this.model!, this.node!));
  }

  /** The strings of its fields, quotes included, that stand for those of its model. */
  get strings(): readonly string[] {
    return this.where === undefined || this.where instanceof Inside ? none : this.where.strings;
  }

  /** Itself, or the message that says what it says without its places having been worked out. */
  private get said(): Message {
    return this.given === undefined ? this.model! : this;
  }

  /** The same, for texts. */
  private get saidInWords(): Message {
    return this.strings.length > 0 ? this : this.said;
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
    return this.said.lastOf(name) !== undefined;
  }

  /** How often the field is given. */
  size(name: string): number {
    const { said } = this;
    if (said.all.length > SMALL) return said.values.get(name)?.length ?? 0;
    let size = 0;
    for (const value of said.all) if (value.field.name === name) size++;
    return size;
  }

  /** A number field: the last value given, or its default. */
  number(name: string): number {
    const value = this.said.last(name);
    return typeof value === "number" ? value : 0;
  }

  numbers(name: string): number[] {
    const found: number[] = [];
    for (const { value } of this.said.valuesOf(name)) if (typeof value === "number") found.push(value);
    return found;
  }

  bool(name: string): boolean {
    return this.said.last(name) === true;
  }

  bools(name: string): boolean[] {
    return this.said.valuesOf(name).flatMap(({ value }) => (typeof value === "boolean" ? [value] : []));
  }

  /** A string field, or the name of an enum value. */
  text(name: string): string {
    const value = this.saidInWords.last(name);
    return typeof value === "string" ? value : "";
  }

  texts(name: string): string[] {
    const found: string[] = [];
    for (const { value } of this.saidInWords.valuesOf(name)) if (typeof value === "string") found.push(value);
    return found;
  }

  /** A message field; where it is not given, an empty message with the defaults of its schema. */
  message(name: string): Message {
    const value = this.said.lastOf(name)?.value;
    if (value instanceof Message) return this.given === undefined ? new Message(value.schema, value, new Inside(this, name)) : value;
    const type = this.schema.fields.get(name)?.type;
    return emptyMessage(type !== undefined && isMessage(type) ? type : noSchema);
  }

  messages(name: string): readonly Message[] {
    if (!this.has(name)) return none;
    const values = this.valuesOf(name);
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

  /** The value of a field that counts. */
  lastOf(name: string): FieldValue | undefined {
    const { all } = this;
    if (all.length > SMALL) return this.values.get(name)?.at(-1);
    for (let i = all.length - 1; i >= 0; i--) if (all[i]!.field.name === name) return all[i];
    return undefined;
  }
}

/** The values of a message in the places that they have in a node of the same text. */
function placed({ all }: Message, node: MessageNode): readonly FieldValue[] {
  const given: FieldValue[] = [];
  for (const field of node.fields) {
    for (const item of valuesOf(field)) {
      const { field: schema, value } = all[given.length]!;
      const here = item.kind === "message" ? new Message((value as Message).schema, value as Message, item) : item.form === "string" ? unquote(item.raw) : value;
      given.push({ field: schema, value: here, node: field, valueNode: item });
    }
  }
  return given;
}

/** The place of a message that is the last value of a field of another, whose places are not worked out. */
class Inside {
  readonly message: Message;
  readonly field: string;

  constructor(message: Message, field: string) {
    this.message = message;
    this.field = field;
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
