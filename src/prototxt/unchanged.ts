import type { Common } from "./lexer.ts";
import type { FieldNode, Tree, ValueNode } from "./tree.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a text has in common with an earlier version of it. */
export function commonWith({ text: old, tokens }: Tree, text: string): Common {
  const start = commonStart(old, text);
  return { tokens, length: old.length, start, end: commonEnd(old, text, Math.min(old.length, text.length) - start) };
}

/**
 * The messages at the top of an earlier tree that a change of its text left alone, by where they begin now. Their nodes are moved to their new
 * places: the earlier tree is used up.
 */
export function unchangedMessages(before: Tree, text: string, { start: same, end: tail }: Common): Map<number, FieldNode> {
  const changedEnd = before.text.length - tail;
  const delta = text.length - before.text.length;
  const unsound = before.errors.map(({ start }) => start);
  const found = new Map<number, FieldNode>();
  let error = 0;
  for (const field of before.root.fields) {
    while (error < unsound.length && unsound[error]! < field.start) error++;
    const { value } = field;
    // A word at the very edge may have grown or been cut by the change.
    const isBefore = field.end < same;
    const isAfter = field.start > changedEnd;
    if (value?.kind !== "message" || !value.closed || value.end !== field.end || (!isBefore && !isAfter)) continue;
    if (error < unsound.length && unsound[error]! <= field.end) continue;
    if (isAfter && delta !== 0) moveField(field, delta);
    found.set(field.start, field);
  }
  return found;
}

/** Blocks are compared at once, and letter by letter only where they differ. */
const BLOCK = 4096;

function commonStart(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let same = 0;
  while (same + BLOCK <= shorter && a.slice(same, same + BLOCK) === b.slice(same, same + BLOCK)) same += BLOCK;
  while (same < shorter && a.charCodeAt(same) === b.charCodeAt(same)) same++;
  return same;
}

function commonEnd(a: string, b: string, most: number): number {
  let same = 0;
  while (same + BLOCK <= most && a.slice(a.length - same - BLOCK, a.length - same) === b.slice(b.length - same - BLOCK, b.length - same)) same += BLOCK;
  while (same < most && a.charCodeAt(a.length - 1 - same) === b.charCodeAt(b.length - 1 - same)) same++;
  return same;
}

function moveField(field: Mutable<FieldNode>, delta: number): void {
  field.start += delta;
  field.end += delta;
  if (field.colonAt >= 0) field.colonAt += delta;
  if (field.value !== undefined) moveValue(field.value, delta);
}

function moveValue(value: Mutable<ValueNode>, delta: number): void {
  value.start += delta;
  value.end += delta;
  if (value.kind === "list") for (const item of value.items) moveValue(item, delta);
  if (value.kind === "message") for (const field of value.inner ?? []) moveField(field, delta);
}
