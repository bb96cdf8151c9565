import type { Range } from "../text/edit.ts";
import { punctuation, tokenAt, tokenCodes, type Tokens } from "./lexer.ts";

/** Punctuation, by its character codes. */
export const BRACE_OPEN = 123;
export const BRACE_CLOSE = 125;
export const ANGLE_OPEN = 60;
export const ANGLE_CLOSE = 62;
export const SQUARE_OPEN = 91;
export const SQUARE_CLOSE = 93;
export const COLON = 58;
export const SEMICOLON = 59;
export const COMMA = 44;
export const MINUS = 45;
export const SLASH = 47;

/** A place among the tokens of a text that carry meaning. */
export class TokenCursor {
  protected readonly text: string;
  protected readonly tokens: Tokens;
  /** Index of the current significant token; `tokens.count` at the end. */
  protected at = 0;
  /** Where the significant token before it ends. */
  protected lastEnd = 0;
  /** The line of a token that was asked for: where it begins, with the place up to which that holds, and where it ends. */
  private lineStart = 0;
  private sameLineTo = 0;
  private lineEnd = -1;

  constructor(text: string, tokens: Tokens) {
    this.text = text;
    this.tokens = tokens;
    this.skipTrivia();
  }

  protected atEnd(): boolean {
    return this.at >= this.tokens.count;
  }

  protected kind(): number {
    return this.tokens.kinds[this.at] ?? -1;
  }

  /** The text of the current token; empty at the end. */
  protected current(): string {
    return this.atEnd() ? "" : this.text.slice(this.tokens.starts[this.at], this.tokens.starts[this.at + 1]);
  }

  /** The character code of the current token where it is punctuation, else 0. No string is made for it: most tokens are asked several times. */
  protected sign(): number {
    return punctuation(this.tokens.kinds[this.at]);
  }

  /** Like `sign`, of the next significant token. */
  protected nextSign(): number {
    let next = this.at + 1;
    while (next < this.tokens.count && this.tokens.kinds[next]! <= 1) next++;
    return punctuation(this.tokens.kinds[next]);
  }

  /** Where the current token begins; the end of the text after the last. */
  protected start(): number {
    return this.atEnd() ? this.text.length : this.tokens.starts[this.at]!;
  }

  protected range(): Range {
    return this.atEnd() ? { start: this.text.length, end: this.text.length } : { start: this.tokens.starts[this.at]!, end: this.tokens.starts[this.at + 1]! };
  }

  protected sameLine(offset: number): boolean {
    const start = this.start();
    for (let i = offset; i < start; i++) {
      if (isLineBreak(this.text.charCodeAt(i))) return false;
    }
    return true;
  }

  protected startOfLine(): number {
    const start = this.start();
    let at = start;
    while (at > this.sameLineTo && !isLineBreak(this.text.charCodeAt(at - 1))) at--;
    if (at > this.sameLineTo) this.lineStart = at;
    this.sameLineTo = start;
    return this.lineStart;
  }

  protected endOfLine(): number {
    const start = this.start();
    if (this.lineEnd >= start) return this.lineEnd;
    let at = start;
    while (at < this.text.length && !isLineBreak(this.text.charCodeAt(at))) at++;
    return (this.lineEnd = at);
  }

  protected closes(): boolean {
    const sign = this.sign();
    return sign === BRACE_CLOSE || sign === ANGLE_CLOSE;
  }

  protected opens(): boolean {
    const sign = this.sign();
    return sign === BRACE_OPEN || sign === ANGLE_OPEN;
  }

  /** True where the current token is a name followed by `:`, `{` or `<`. */
  protected startsField(): boolean {
    if (this.kind() !== tokenCodes.IDENTIFIER) return false;
    const next = this.nextSign();
    return next === COLON || next === BRACE_OPEN || next === ANGLE_OPEN;
  }

  protected advance(): void {
    this.lastEnd = this.tokens.starts[this.at + 1]!;
    this.at++;
    this.skipTrivia();
  }

  /** Passes over what is up to the end of a token. */
  protected passTo(end: number): void {
    this.at = tokenAt(this.tokens, end - 1) + 1;
    this.lastEnd = end;
    this.skipTrivia();
  }

  /** Skips to the bracket that closes the one just passed. */
  protected skipBalanced(): void {
    let depth = 0;
    while (!this.atEnd()) {
      if (this.opens()) depth++;
      else if (this.closes() && depth-- === 0) return;
      this.advance();
    }
  }

  protected skipTrivia(): void {
    const { kinds, count } = this.tokens;
    while (this.at < count && kinds[this.at]! <= 1) this.at++;
  }
}

function isLineBreak(c: number): boolean {
  return c === 10 || c === 13;
}
