import type { Range, TextEdit } from "../text/edit.ts";
import { punctuation, tokenCodes } from "./lexer.ts";
import { newlineOf } from "./change.ts";
import type { Tree } from "./tree.ts";

/** How a text is laid out. */
export interface FormatOptions {
  /** What one step of indentation is: two blanks where nothing is said. */
  readonly indent?: string;
}

/**
 * The edits that lay a text out evenly: indentation by nesting, `name: value`, one blank inside braces on one line, no blanks at line ends, at most
 * one empty line in a row, one line end at the end. What stood on lines of its own stays so; only blanks and line ends change. Formatting twice
 * changes nothing more. With a range, only its lines.
 */
export function format(tree: Tree, options: FormatOptions = {}, range: Range = { start: 0, end: tree.text.length }): TextEdit[] {
  const { text, tokens } = tree;
  const { kinds, starts, count } = tokens;
  const indent = options.indent ?? "  ";
  const newline = newlineOf(tree);
  const edits: TextEdit[] = [];
  const open: Bracket[] = [];
  const brackets = pairs(tree);
  let depth = 0;
  let previous = -1;
  for (let i = 0; i <= count; i++) {
    if (i < count && kinds[i] === 0) continue;
    const from = previous < 0 ? 0 : starts[previous + 1]!;
    const to = i === count ? text.length : starts[i]!;
    const old = text.slice(from, to);
    const pair = i === count ? undefined : brackets.get(i);
    if (pair?.close === i) {
      open.pop();
      depth = open.length;
    }
    const inner = open.at(-1);
    const wanted = i === count ? (previous < 0 ? "" : newline) : previous < 0 ? leading(old, newline) : gap(previous, i, old, inner, pair);
    if (wanted !== old && to >= range.start && from <= range.end) edits.push({ start: from, end: to, text: wanted });
    if (pair?.open === i) {
      open.push(pair);
      depth = open.length;
    }
    previous = i;
  }
  return edits;

  function gap(before: number, after: number, old: string, inner: Bracket | undefined, pair: Bracket | undefined): string {
    const breaks = old.split("\n").length - 1;
    const afterOpening = brackets.get(before)?.open === before;
    const closing = pair?.close === after;
    const list = inner?.square === true || (closing && pair.square);
    const comment = kinds[after] === 1;
    const lines = (n: number): string => newline.repeat(n) + indent.repeat(depth);
    if (kinds[before] === 1 && breaks === 0) return old;
    if (breaks > 0) {
      if (afterOpening || closing) return closing && afterOpening && !pair.square ? "" : lines(1);
      // Behind a comment or an open string, a mark would become part of it.
      if ([":", ",", ";"].includes(mark(after)) && !endsWithLine(before)) return "";
      return lines(Math.min(2, breaks));
    }
    if (comment) return old === "" ? " " : old;
    if (afterOpening && closing) return "";
    if (kinds[before] === tokenCodes.INVALID || kinds[after] === tokenCodes.INVALID || isOdd(mark(before)) || isOdd(mark(after))) return old;
    if (afterOpening && !brackets.get(before)!.square) return brackets.get(before)!.spansLines ? lines(1) : " ";
    if (closing && !pair.square) return pair.spansLines ? lines(1) : " ";
    if (list && (afterOpening || closing)) return "";
    if (mark(after) === ":" || mark(after) === "," || mark(after) === ";") return "";
    if (mark(before) === "-") return "";
    const ended = brackets.get(before);
    if (ended?.close === before && ended.spansLines && !ended.square) return lines(1);
    return " ";
  }

  /** True for comments and for strings that nothing closes. */
  function endsWithLine(i: number): boolean {
    return kinds[i] === 1 || (kinds[i] === tokenCodes.STRING && !isClosed(text.slice(starts[i], starts[i + 1])));
  }

  function mark(i: number): string {
    return punctuation(kinds[i]) > 0 ? text[starts[i]!]! : "";
  }
}

/** A pair of brackets, by the indices of its tokens. */
interface Bracket {
  readonly open: number;
  readonly close: number;
  readonly square: boolean;
  readonly spansLines: boolean;
}

/** Every bracket that has its partner, under both indices. */
function pairs({ text, tokens }: Tree): Map<number, Bracket> {
  const { kinds, starts, count } = tokens;
  const partner: Readonly<Record<string, string>> = { "}": "{", ">": "<", "]": "[" };
  const stack: number[] = [];
  const found = new Map<number, Bracket>();
  for (let i = 0; i < count; i++) {
    if (punctuation(kinds[i]) === 0) continue;
    const mark = text[starts[i]!]!;
    if (mark === "{" || mark === "<" || mark === "[") stack.push(i);
    const opening = partner[mark];
    if (opening === undefined) continue;
    const at = stack.at(-1);
    if (at === undefined || text[starts[at]!] !== opening) continue;
    stack.pop();
    const pair = { open: at, close: i, square: mark === "]", spansLines: text.slice(starts[at], starts[i]).includes("\n") };
    found.set(at, pair);
    found.set(i, pair);
  }
  return found;
}

/** True for a string whose last character is its closing quote: an escaped one, as in `"\"`, closes nothing. */
function isClosed(string: string): boolean {
  return /^(["'])(?:[^\\]|\\[^])*?\1$/.test(string);
}

/** Marks that only stand in text that is wrong anyway. */
function isOdd(mark: string): boolean {
  return mark === "." || mark === "/";
}

/** Empty lines before the first word go. */
function leading(old: string, newline: string): string {
  return old.includes("\n") && old.includes("#") ? newline : "";
}
