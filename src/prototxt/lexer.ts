/**
 * The kinds of tokens; every character of a text belongs to exactly one token. Line ends are white space. The kind of a punctuation mark is its
 * character code, which is above all of these.
 */
const WHITESPACE = 0;
const COMMENT = 1;
const IDENTIFIER = 2;
const NUMBER = 3;
const STRING = 4;
const INVALID = 5;

/** The tokens of a text as a table: token `i` covers `[starts[i], starts[i + 1])`. Together they are the text. */
export interface Tokens {
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Uint32Array;
}

/** True for white space and comments, which carry no meaning. */
export function isTrivia(tokens: Tokens, i: number): boolean {
  return tokens.kinds[i]! <= COMMENT;
}

/** The index of the token that covers an offset (the last token for the end of the text; -1 in an empty text). */
export function tokenAt(tokens: Tokens, offset: number): number {
  let low = 0;
  let high = tokens.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (tokens.starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return high < 0 ? -1 : low;
}

/** What a text has in common with an earlier version of it, whose tokens are known: its first `start` characters and its last `end` ones. */
export interface Common {
  readonly tokens: Tokens;
  readonly length: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The tokens of a text in protobuf's text format, whatever the text holds.
 *
 * Follows libprotobuf's tokenizer: `#` comments, strings in `'` or `"` with escapes that end with their line,
 * numbers with hexadecimal, octal, exponent and trailing `f`. What fits nowhere is `invalid`. With `before`, only what changed is looked at.
 */
export function lex(text: string, before?: Common): Tokens {
  let kinds = new Uint8Array(before === undefined ? (text.length >> 1) + 1024 : 1024);
  let starts = new Uint32Array(kinds.length + 1);
  let count = 0;
  const { length } = text;
  // The token at the edge of the change may have grown.
  const kept = before === undefined ? 0 : Math.max(0, tokenAt(before.tokens, Math.max(0, before.start - 1)));
  let at = before === undefined || before.tokens.count === 0 ? 0 : before.tokens.starts[kept]!;
  const delta = text.length - (before?.length ?? 0);
  const tail = before === undefined ? Infinity : text.length - before.end;
  while (at < length) {
    // Where a token began before and the text is the same from there on, so are the tokens.
    if (before !== undefined && at >= tail) {
      const same = tokenAt(before.tokens, at - delta);
      if (before.tokens.starts[same] === at - delta) return joined(before.tokens, kept, { count, kinds, starts }, same, delta);
    }
    const start = at;
    const c = text.charCodeAt(at++);
    const mark = classes[c]!;
    let kind: number;
    if ((mark & SPACE) !== 0) {
      while (at < length && (classes[text.charCodeAt(at)]! & SPACE) !== 0) at++;
      kind = WHITESPACE;
    } else if ((mark & LETTER) !== 0) {
      while (at < length && (classes[text.charCodeAt(at)]! & (LETTER | DIGIT)) !== 0) at++;
      kind = IDENTIFIER;
    } else if ((mark & DIGIT) !== 0 || (c === DOT && at < length && (classes[text.charCodeAt(at)]! & DIGIT) !== 0)) {
      at = numberEnd(text, start);
      kind = NUMBER;
    } else if ((mark & PUNCTUATION) !== 0) {
      kind = c;
    } else if (c === 34 /* " */ || c === 39 /* ' */) {
      at = stringEnd(text, start, c);
      kind = STRING;
    } else if (c === 35 /* # */) {
      while (at < length && !isLineEnd(text.charCodeAt(at))) at++;
      kind = COMMENT;
    } else {
      while (at < length && startsNothing(text.charCodeAt(at))) at++;
      kind = INVALID;
    }
    if (count === kinds.length) {
      const more = new Uint8Array(kinds.length * 2);
      more.set(kinds);
      kinds = more;
      const moreStarts = new Uint32Array(kinds.length + 1);
      moreStarts.set(starts);
      starts = moreStarts;
    }
    kinds[count] = kind;
    starts[count++] = start;
  }
  starts[count] = text.length;
  if (before !== undefined && kept > 0) return joined(before.tokens, kept, { count, kinds, starts }, before.tokens.count, delta);
  return { count, kinds: kinds.slice(0, count), starts: starts.slice(0, count + 1) };
}

/** The first `kept` tokens of a table, then some between, then those of the table from `from` on, moved by `delta`. */
function joined(old: Tokens, kept: number, between: Tokens, from: number, delta: number): Tokens {
  const ahead = kept + between.count;
  const count = ahead + old.count - from;
  const kinds = new Uint8Array(count);
  kinds.set(old.kinds.subarray(0, kept));
  kinds.set(between.kinds.subarray(0, between.count), kept);
  kinds.set(old.kinds.subarray(from), ahead);
  const starts = new Uint32Array(count + 1);
  starts.set(old.starts.subarray(0, kept));
  starts.set(between.starts.subarray(0, between.count), kept);
  for (let i = from; i <= old.count; i++) starts[ahead + i - from] = old.starts[i]! + delta;
  return { count, kinds, starts };
}

/** What characters are, as bits. */
const SPACE = 1;
const LETTER = 2;
const DIGIT = 4;
/** `{ } < > [ ] : ; , - . /`: what the grammar uses, and what extension names are made of. */
const PUNCTUATION = 8;
const DOT = 46;
const classes = new Uint8Array(65536);
for (const c of [32, 9, 10, 11, 12, 13]) classes[c] = SPACE;
for (let c = 0; c < 26; c++) classes[65 + c] = classes[97 + c] = LETTER;
classes[95] = LETTER;
for (let c = 48; c < 58; c++) classes[c] = DIGIT;
for (const c of "{}<>[]:;,-./") classes[c.charCodeAt(0)] = PUNCTUATION;

function isLineEnd(c: number): boolean {
  return c === 10 || c === 13;
}

function isWordPart(c: number): boolean {
  return (classes[c]! & (LETTER | DIGIT)) !== 0;
}

function startsNothing(c: number): boolean {
  return classes[c] === 0 && c !== 35 && c !== 34 && c !== 39;
}

/** Letters glued to a number belong to it, so that `3x3` is one wrong number and not a number and a field. */
function numberEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const c = text.charCodeAt(at);
    if (isWordPart(c) || c === 46) at++;
    else if ((c === 43 || c === 45) && isExponent(text, from, at)) at++;
    else return at;
  }
}

/** True where the character before `at` is the `e` of a decimal number. */
function isExponent(text: string, from: number, at: number): boolean {
  const before = text.charCodeAt(at - 1) | 32;
  const second = text.charCodeAt(from + 1) | 32;
  return before === 101 && second !== 120;
}

function stringEnd(text: string, from: number, quote: number): number {
  let at = from + 1;
  while (at < text.length) {
    const c = text.charCodeAt(at);
    if (c === quote) return at + 1;
    if (isLineEnd(c)) return at;
    at += c === 92 /* \ */ && at + 1 < text.length && !isLineEnd(text.charCodeAt(at + 1)) ? 2 : 1;
  }
  return at;
}

export const tokenCodes = { IDENTIFIER, NUMBER, STRING, INVALID } as const;

/** The character code of a punctuation mark by its kind; 0 for any other token. */
export function punctuation(kind: number | undefined): number {
  return kind !== undefined && kind > INVALID ? kind : 0;
}
