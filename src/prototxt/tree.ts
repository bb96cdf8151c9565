import type { Range } from "../text/edit.ts";
import type { Diagnostic } from "../text/diagnostic.ts";
import type { Tokens } from "./lexer.ts";
import type { Message } from "./message.ts";

const none: readonly never[] = [];

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A parsed text: every character of it is in `tokens`; `root` is the structure found.
 * Printing is concatenating the tokens.
 */
export interface Tree {
  readonly text: string;
  readonly tokens: Tokens;
  readonly root: MessageNode;
  /** What was expected and not found, at most one per place, in the order of the text. */
  readonly errors: readonly Diagnostic[];
}

/**
 * `{ … }`, `< … >`, or the whole text (then `open` and `close` are undefined).
 *
 * Nodes outlive versions of their text and there are many of them: their lesser places are worked out when they are asked for.
 */
export class MessageNode implements Range {
  readonly kind = "message";
  readonly start: number;
  readonly end: number;
  readonly parent: FieldNode | undefined;
  /** True where the bracket that opens it is closed by its partner. */
  readonly closed: boolean = false;
  /**
   * A message of the same text and without errors, that stands in no tree. Nets repeat themselves: what is in a message that has a model is made only
   * when it is asked for, and is read once for all of them. Of messages at the top (layers), the strings may differ from the model's.
   */
  readonly model: MessageNode | undefined = undefined;
  /** The strings of its fields, quotes included and in their order, where they stand for those of its model. */
  readonly strings: readonly string[] = none;
  /** What `readMessage` made of it last, where nothing in it was wrong. */
  read: Message | undefined = undefined;
  /** The fields, once they are made. */
  readonly inner: readonly FieldNode[] | undefined = undefined;

  constructor(start: number, end: number, parent: FieldNode | undefined) {
    this.start = start;
    this.end = end;
    this.parent = parent;
  }

  get fields(): readonly FieldNode[] {
    return this.inner ?? ((this as Mutable<MessageNode>).inner = fieldsLike(this.model!, this));
  }

  /** The bracket that begins it. */
  get open(): Range | undefined {
    return this.parent === undefined ? undefined : { start: this.start, end: this.start + 1 };
  }

  /** The bracket that ends it; undefined where it is missing or of the other kind. */
  get close(): Range | undefined {
    return this.closed ? { start: this.end - 1, end: this.end } : undefined;
  }
}

/** A copy of a message that stands `delta` further on, in a field of its own or in none. */
export function copyMessage(node: MessageNode, delta: number, parent: FieldNode | undefined): MessageNode {
  const copy: Mutable<MessageNode> = new MessageNode(node.start + delta, node.end + delta, parent);
  copy.closed = node.closed;
  if (node.model === undefined) copy.inner = node.fields.map((field) => copyField(field, delta, copy));
  else copy.model = node.model;
  return copy;
}

/** The fields of a model in the places that they have in a message like it. */
function fieldsLike(model: MessageNode, node: MessageNode): FieldNode[] {
  let delta = node.start - model.start;
  let next = 0;
  return model.fields.map((field) => {
    const copy: Mutable<FieldNode> = copyField(field, delta, node);
    const { value } = copy;
    if (next < node.strings.length && value?.kind === "scalar" && value.form === "string") {
      const raw = node.strings[next++]!;
      const longer = raw.length - value.raw.length;
      copy.value = { ...value, raw, end: value.end + longer };
      copy.end += longer;
      delta += longer;
    }
    return copy;
  });
}

function copyField(field: FieldNode, delta: number, parent: MessageNode): FieldNode {
  const copy: Mutable<FieldNode> = new FieldNode(field.start + delta, field.name, parent);
  copy.end = field.end + delta;
  if (field.colonAt >= 0) copy.colonAt = field.colonAt + delta;
  const one = (value: ScalarNode | MessageNode): ScalarNode | MessageNode =>
    value.kind === "message" ? copyMessage(value, delta, copy) : { ...value, start: value.start + delta, end: value.end + delta };
  const { value } = field;
  if (value?.kind === "list") copy.value = { ...value, start: value.start + delta, end: value.end + delta, items: value.items.map(one) };
  else if (value !== undefined) copy.value = one(value);
  return copy;
}

/** `name: value`, with its separator where there is one. A field that breaks off has no value. */
export class FieldNode implements Range {
  readonly kind = "field";
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** Where its `:` stands; -1 where it has none. */
  readonly colonAt: number = -1;
  readonly value: ValueNode | undefined = undefined;
  readonly parent: MessageNode;

  constructor(start: number, name: string, parent: MessageNode) {
    this.start = start;
    this.end = start + name.length;
    this.name = name;
    this.parent = parent;
  }

  get nameRange(): Range {
    return { start: this.start, end: this.start + this.name.length };
  }

  get colon(): Range | undefined {
    return this.colonAt < 0 ? undefined : { start: this.colonAt, end: this.colonAt + 1 };
  }
}

/** A number, an identifier, or one or more strings in a row. `form` is by its first token, signs aside. */
export interface ScalarNode extends Range {
  readonly kind: "scalar";
  readonly form: "number" | "identifier" | "string" | "invalid";
  readonly negative: boolean;
  /** The source text: sign and blanks removed for numbers and identifiers; for strings the raw text with quotes. */
  readonly raw: string;
}

/** `[a, b]`. */
export interface ListNode extends Range {
  readonly kind: "list";
  readonly items: readonly (ScalarNode | MessageNode)[];
}

export type ValueNode = ScalarNode | MessageNode | ListNode;

/** The text of a tree, by concatenating its tokens. Equal to what was parsed. */
export function printTree(tree: Tree): string {
  const { starts, count } = tree.tokens;
  const parts: string[] = [];
  for (let i = 0; i < count; i++) parts.push(tree.text.slice(starts[i], starts[i + 1]));
  return parts.join("");
}

/** The innermost chain of nodes around an offset, outermost first: message, field, message, field, … */
export function nodesAt(tree: Tree, offset: number): (MessageNode | FieldNode)[] {
  const chain: (MessageNode | FieldNode)[] = [tree.root];
  let message: MessageNode | undefined = tree.root;
  while (message !== undefined) {
    const field: FieldNode | undefined = fieldAt(message, offset);
    if (field === undefined) break;
    chain.push(field);
    const inner: MessageNode | undefined = messagesOf(field).find((node) => node.start <= offset && offset <= node.end);
    if (inner !== undefined) chain.push(inner);
    message = inner;
  }
  return chain;
}

/** The message values of a field: none, one, or those of a list. */
export function messagesOf(field: FieldNode): MessageNode[] {
  const { value } = field;
  if (value?.kind === "message") return [value];
  return value?.kind === "list" ? value.items.filter((item) => item.kind === "message") : [];
}

/** The single values of a field: a list is taken apart. */
export function valuesOf(field: FieldNode): readonly (ScalarNode | MessageNode)[] {
  if (field.value === undefined) return [];
  return field.value.kind === "list" ? field.value.items : [field.value];
}

function fieldAt(message: MessageNode, offset: number): FieldNode | undefined {
  const { fields } = message;
  let low = 0;
  let high = fields.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fields[middle]!.start <= offset) low = middle;
    else high = middle - 1;
  }
  const field = fields[low];
  return field !== undefined && field.start <= offset && offset <= field.end ? field : undefined;
}

/** All comments of a tree with their ranges, `#` left out of the text. */
export function comments(tree: Tree): (Range & { readonly text: string })[] {
  const found = [];
  const { kinds, starts, count } = tree.tokens;
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== 1) continue;
    const [start, end] = [starts[i]!, starts[i + 1]!];
    found.push({ start, end, text: tree.text.slice(start + 1, end) });
  }
  return found;
}
