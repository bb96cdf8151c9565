import type { Range } from "../text/edit.ts";
import { isTrivia, punctuation, tokenAt, tokenCodes } from "../prototxt/lexer.ts";
import type { Tree } from "../prototxt/tree.ts";

/** What is being typed at a place: read from the tokens before it, so that half-typed text around it does no harm. */
export interface CompletionContext {
  readonly kind: "name" | "value" | "directive" | "nothing";
  /** Names of the messages around the place, outermost first: `["layer", "pooling_param"]`. */
  readonly path: readonly string[];
  /** Where the innermost of them begins; -1 at the top of the text. */
  readonly open: number;
  /** The field whose value is being typed. */
  readonly field: string;
  /** The part of the text that a completion takes the place of. */
  readonly replace: Range;
  /** The quote that is open before the place; "" where there is none. */
  readonly quote: string;
  /** True where the open string has its closing quote. */
  readonly closed: boolean;
  /** True where a `:` or an opening brace follows already. */
  readonly followed: boolean;
}

/** What is being typed at an offset. */
export function completionContext({ text, tokens }: Tree, offset: number): CompletionContext {
  const { kinds, starts, count } = tokens;
  let at = tokenAt(tokens, Math.max(0, offset - 1));
  if (offset === 0) at = -1;
  const code = at < 0 ? -1 : kinds[at]!;
  const start = at < 0 ? 0 : starts[at]!;
  const end = at < 0 ? 0 : starts[at + 1]!;
  const base = { path: [], open: -1, field: "", quote: "", closed: false, followed: false, replace: { start: offset, end: offset } };
  if (code === 1) return { ...base, kind: "directive", replace: { start: start + 1, end } };
  const isWord = code === tokenCodes.IDENTIFIER || code === tokenCodes.NUMBER;
  let quote = "";
  let closed = false;
  let replace: Range = { start: offset, end: offset };
  let before = at;
  if (isWord) {
    replace = { start, end };
    before = at - 1;
  } else if (code === tokenCodes.STRING) {
    const last = text[end - 1];
    closed = end - start > 1 && last === text[start];
    if (closed && offset === end) return { ...base, kind: "nothing" };
    quote = text[start]!;
    replace = { start: start + 1, end: closed ? end - 1 : end };
    before = at - 1;
  }
  const previous = significant(before);
  const mark = previous < 0 ? "" : tokenText(previous);
  const around = enclosing(previous);
  let next = isWord || quote !== "" ? at + 1 : at + (code >= 2 ? 1 : 0);
  while (next < count && isTrivia(tokens, next)) next++;
  const followed = next < count && (tokenText(next) === ":" || tokenText(next) === "{");
  const value = (name: string): CompletionContext => ({ kind: "value", ...around, field: name, replace, quote, closed, followed });
  if (mark === ":") return value(tokenText(significant(previous - 1)));
  if (mark === "[" || (mark === "," && listField(previous) !== undefined)) return value(listField(previous) ?? "");
  if (quote !== "") return { ...base, kind: "nothing" };
  // After `name` on the same line a value or a brace is due, not another name.
  if (previous >= 0 && kinds[previous] === tokenCodes.IDENTIFIER && tokenText(significant(previous - 1)) !== ":" && sameLine(previous)) return { ...base, kind: "nothing" };
  return { kind: "name", ...around, field: "", replace, quote, closed, followed };

  function significant(i: number): number {
    let index = i;
    while (index >= 0 && isTrivia(tokens, index)) index--;
    return index;
  }
  function tokenText(i: number): string {
    return i < 0 ? "" : text.slice(starts[i], starts[i + 1]);
  }
  function sameLine(i: number): boolean {
    return !/[\r\n]/.test(text.slice(starts[i + 1], replace.start));
  }
  /** The field of the list that token `i` is in; undefined outside of one. */
  function listField(i: number): string | undefined {
    for (let index = i; index >= 0; index--) {
      const token = tokenText(index);
      if (token === "[") return tokenText(significant(significant(index - 1) - (tokenText(significant(index - 1)) === ":" ? 1 : 0)));
      if (token === "{" || token === "}" || token === ":" || token === "]") return undefined;
    }
    return undefined;
  }
  /** The messages that are open before token `i`, counted backwards. A `layer` in the first column has nothing around it. */
  function enclosing(i: number): { path: string[]; open: number } {
    const path: string[] = [];
    let open = -1;
    let depth = 0;
    for (let index = i; index >= 0; index--) {
      const c = punctuation(kinds[index]);
      if (c === 0) continue;
      if (c === 125 || c === 62) {
        const lineStart = starts[index] === 0 || text.charCodeAt(starts[index]! - 1) === 10;
        if (depth === 0 && lineStart && path.length === 0) break;
        depth++;
      } else if (c === 123 || c === 60) {
        if (depth > 0) {
          depth--;
          continue;
        }
        let owner = significant(index - 1);
        if (tokenText(owner) === ":") owner = significant(owner - 1);
        path.unshift(tokenText(owner));
        if (open < 0) open = starts[index]!;
        if (owner >= 0 && (starts[owner] === 0 || text.charCodeAt(starts[owner]! - 1) === 10)) break;
      }
    }
    return { path, open };
  }
}
