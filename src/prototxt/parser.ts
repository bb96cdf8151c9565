import type { Range } from "../text/edit.ts";
import { limit, raising } from "../text/limits.ts";
import { count } from "../text/words.ts";
import type { Code, Diagnostic } from "../text/diagnostic.ts";
import { lex, tokenAt, tokenCodes, type Tokens } from "./lexer.ts";
import { kept } from "./kept.ts";
import { commonWith, unchangedMessages } from "./unchanged.ts";
import type { FieldNode, ListNode, MessageNode, ScalarNode, Tree, ValueNode } from "./tree.ts";

/**
 * The tree of a text in protobuf's text format. Never fails: what is wrong is in `errors`, what can be understood is in the tree.
 *
 * The grammar is libprotobuf's `TextFormat`: optional `:` before a message, `{}` and `<>`, separators `,` and `;`, lists, adjacent
 * strings, signs apart from their number. Messages nested too deeply are skipped (Caffe's schema needs 6); of a net with too many layers, none is in the tree.
 *
 * `before`, the tree of an earlier version of the text, makes it faster: messages that the change left alone are taken over. It is used up
 * by this: its nodes are moved, so its places are right no longer.
 */
export function parse(text: string, before?: Tree): Tree {
  const common = before === undefined ? undefined : commonWith(before, text);
  const parser = new Parser(text, lex(text, common), before === undefined || common === undefined ? undefined : unchangedMessages(before, text, common));
  return parser.tree();
}

function isLayerName(name: string): boolean {
  return name === "layer" || name === "layers";
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The state of one parse: a position among the significant tokens, and the errors so far. */
class Parser {
  private readonly text: string;
  private readonly tokens: Tokens;
  private readonly errors: Diagnostic[] = [];
  /** Index of the current significant token; `tokens.count` at the end. */
  private at = 0;
  private lastEnd = 0;
  private lastErrorAt = -1;
  /** The current token, as it is asked for several times. */
  private word = { at: -1, text: "" };
  /** The line of the current token: where it begins, and where it ends once that was asked. */
  private lineStart = 0;
  private lineEnd = -1;
  private lastCommentEnd: number | undefined;
  /** True where the braces of the text do not pair up: only then a `layer` below the one above it ends what is open. */
  private readonly unbalanced: boolean;
  /** Where the current field of the text itself begins on its line. */
  private column = 0;
  /** The lists that are open: a `]` ends the messages in them. */
  private openLists = 0;

  /** Messages at the top that are layers, so far. */
  private layers = 0;
  private readonly mostLayers = limit("layers");
  private readonly unchanged: ReadonlyMap<number, FieldNode> | undefined;

  constructor(text: string, tokens: Tokens, unchanged: ReadonlyMap<number, FieldNode> | undefined) {
    this.text = text;
    this.tokens = tokens;
    this.unchanged = unchanged;
    this.unbalanced = !bracesPair(text, tokens);
    this.skipTrivia();
  }

  tree(): Tree {
    if (this.text.charCodeAt(0) === 0xfeff) {
      this.error({ start: 0, end: 1 }, "the file begins with a byte order mark (BOM), which Caffe does not read. Save it as UTF-8 without BOM.", "syntax-bom");
      if (this.current() === "\ufeff") this.advance();
    }
    const root: Mutable<MessageNode> = {
      kind: "message", start: 0, end: this.text.length, open: undefined, close: undefined, fields: [], parent: undefined,
    };
    root.fields = this.fields(root, undefined, 0);
    // Some of the layers would be another net, about which nothing is worth saying.
    if (this.layers > this.mostLayers) root.fields = root.fields.filter(({ name }) => !isLayerName(name));
    return { text: this.text, tokens: this.tokens, root, errors: this.errors };
  }

  private fields(parent: MessageNode, close: string | undefined, depth: number): FieldNode[] {
    const fields: FieldNode[] = [];
    for (;;) {
      if (this.atEnd()) return fields;
      const known = depth === 0 ? this.takeOver(parent) : undefined;
      if (known !== undefined) {
        if (isLayerName(known.name) && this.tooManyLayers(known.nameRange)) return fields;
        fields.push(known);
        continue;
      }
      const token = this.current();
      if (close !== undefined && (token === close || token === "}" || token === ">")) return fields;
      if (this.openLists > 0 && token === "]") return fields;
      if (this.kind() === tokenCodes.IDENTIFIER) {
        if (close === undefined) this.column = this.range().start - this.lineStart;
        else if (this.unbalanced && this.startsTopLevel(token)) return fields;
        fields.push(this.field(parent, depth));
      } else if (token === "[" ) {
        this.skipExtension();
      } else if (token === ";" || token === ",") {
        this.error(this.range(), `'${token}' stands where a field should begin. Remove it.`);
        this.advance();
      } else if (token === "}" || token === ">") {
        this.error(this.range(), `this '${token}' closes nothing. Remove it, or open the message it should close.`);
        this.advance();
      } else if (token === "/" && /^[/*]/.test(this.text.slice(this.range().end, this.range().end + 1))) {
        this.skipForeignComment();
      } else {
        this.error(this.range(), `expected a field name${close === undefined ? "" : ` or '${close}'`}, found ${this.found()}.`);
        this.skipToField();
      }
    }
  }

  /** The field of the earlier tree that begins here and would be read the same again. */
  private takeOver(parent: MessageNode): FieldNode | undefined {
    const field = this.unchanged?.get(this.tokens.starts[this.at]!);
    if (field === undefined) return undefined;
    // In a text whose braces do not pair up, a `layer` on a line of its own may end the message it stands in.
    if (this.unbalanced && /[\r\n]\s*layers?\b/.test(this.text.slice(field.start, field.end))) return undefined;
    const { at, lastEnd, lineStart } = this;
    this.at = tokenAt(this.tokens, field.end - 1) + 1;
    this.lastEnd = field.end;
    for (let i = field.end; i > field.start; i--) {
      if (!isLineBreak(this.text.charCodeAt(i - 1))) continue;
      this.lineStart = i;
      break;
    }
    this.skipTrivia();
    const next = this.text.charCodeAt(this.tokens.starts[this.at]!);
    if (next === 44 || next === 59) {
      [this.at, this.lastEnd, this.lineStart] = [at, lastEnd, lineStart];
      return undefined;
    }
    (field as Mutable<FieldNode>).parent = parent;
    return field;
  }

  private field(parent: MessageNode, depth: number): FieldNode {
    const nameRange = this.range();
    const name = kept(this.current());
    this.advance();
    const node: Mutable<FieldNode> = { kind: "field", start: nameRange.start, end: nameRange.end, name, nameRange, colon: undefined, value: undefined, parent };
    if (this.current() === ":") {
      node.colon = this.range();
      this.advance();
      if (this.breaksOff()) this.errorAfter(`expected a value after '${name}:'.`);
      else node.value = this.value(node, depth, name);
    } else if (this.current() === "{" || this.current() === "<") {
      node.value = this.message(node, depth);
    } else if (this.current() === "[") {
      node.value = this.list(node, depth, name); // for messages; the typed reading says so of the others
    } else {
      this.errorAfter(`expected ':' or '{' after '${name}'.`);
      if (!this.atEnd() && !this.startsField() && !this.closes() && this.sameLine(nameRange.end)) {
        if (this.startsValue()) node.value = this.value(node, depth, name);
        else this.skipToField();
      }
    }
    if (node.value !== undefined && (this.current() === ";" || this.current() === ",")) this.advance();
    node.end = this.lastEnd;
    return node;
  }

  private value(parent: FieldNode, depth: number, name: string): ValueNode | undefined {
    const token = this.current();
    if (token === "{" || token === "<") return this.message(parent, depth);
    if (token === "[") return this.list(parent, depth, name);
    return this.scalar(`after '${name}:'`);
  }

  private message(parent: FieldNode, depth: number): MessageNode {
    const open = this.range();
    const close = this.current() === "{" ? "}" : ">";
    const isLayer = depth === 0 && isLayerName(parent.name);
    this.advance();
    const node: Mutable<MessageNode> = { kind: "message", start: open.start, end: open.end, open, close: undefined, fields: [], parent };
    if (isLayer && this.tooManyLayers(parent.nameRange)) return node;
    if (depth >= limit("nesting")) {
      this.error(open, `messages are nested more than ${limit("nesting")} deep; what is inside is not read. ${raising("nesting", 2 * limit("nesting"))}`);
      this.skipBalanced();
    } else {
      node.fields = this.fields(node, close, depth + 1);
    }
    const end = this.current();
    if (end === close) {
      node.close = this.range();
      this.advance();
    } else if (end === "}" || end === ">") {
      this.error(this.range(), `'${this.text[open.start]!}' is closed by '${close}', not by '${end}'.`);
      this.advance();
    } else {
      this.error(open, `this '${this.text[open.start]!}' of '${parent.name}' is never closed: '${close}' is missing.`);
    }
    node.end = this.lastEnd;
    return node;
  }

  /** Counts a layer; where it is one too many, says so and goes to the end of the text. */
  private tooManyLayers(at: Range): boolean {
    if (this.layers >= this.mostLayers) this.error(at, `the net has more than ${count(this.mostLayers)} layers; none of them is looked at. ${raising("layers", 10 * this.mostLayers)}`, "too-many-layers");
    if (++this.layers <= this.mostLayers) return false;
    this.at = this.tokens.count;
    this.lastEnd = this.text.length;
    return true;
  }

  private list(parent: FieldNode, depth: number, name: string): ListNode {
    const start = this.range().start;
    this.advance();
    const items: (ScalarNode | MessageNode)[] = [];
    this.openLists++;
    const separated = `expected ',' or ']' in the list of '${name}'.`;
    while (this.current() !== "]" && !this.breaksOff()) {
      const token = this.current();
      if (token === "," || token === ";") {
        this.error(this.range(), `expected a value in the list of '${name}', found '${token}'.`);
        this.advance();
        continue;
      }
      const item = token === "{" || token === "<" ? this.message(parent, depth) : this.scalar(`in the list of '${name}'`);
      if (item === undefined) break;
      items.push(item);
      if (this.current() === ",") {
        const comma = this.range();
        this.advance();
        if (this.current() === "]") this.error(comma, "a list does not end with ','. Remove it.");
      } else if (this.current() === ";") {
        this.error(this.range(), separated);
        this.advance();
      } else if (this.startsValue() && !this.breaksOff()) this.errorAfter(separated);
      else break;
    }
    this.openLists--;
    if (this.current() === "]") this.advance();
    else if (this.lastErrorAt < start) this.errorAfter(separated);
    return { kind: "list", start, end: this.lastEnd, items };
  }

  private scalar(where: string): ScalarNode | undefined {
    const start = this.range().start;
    const kind = this.kind();
    if (kind === tokenCodes.STRING) return this.strings(start);
    const negative = this.current() === "-";
    if (negative) this.advance();
    const token = this.current();
    const form = this.kind() === tokenCodes.NUMBER ? "number" : this.kind() === tokenCodes.IDENTIFIER ? "identifier" : undefined;
    if (form === undefined || this.atEnd()) {
      if (this.atEnd() || this.closes()) this.errorAfter(`expected a value ${where}.`);
      else {
        this.error(this.range(), `expected a value ${where}, found ${this.found()}.`);
        this.skipToField();
      }
      return undefined;
    }
    this.advance();
    return { kind: "scalar", form, negative, raw: kept(token), start, end: this.lastEnd };
  }

  private strings(start: number): ScalarNode {
    while (this.kind() === tokenCodes.STRING && !this.atEnd()) {
      const token = this.current();
      if (token.length < 2 || token.at(-1) !== token[0] || endsEscaped(token)) {
        this.error(this.range(), `the string is not closed: ${token[0]!} is missing at the end of the line.`);
      } else if (token.includes("\\")) this.checkEscapes(token);
      this.advance();
    }
    return { kind: "scalar", form: "string", negative: false, raw: kept(this.text.slice(start, this.lastEnd)), start, end: this.lastEnd };
  }

  /** Reports the first escape that the text format does not know; mostly a path as Windows writes it. */
  private checkEscapes(token: string): void {
    const at = knownEscapes.exec(token)![0].length;
    if (at === token.length) return;
    const start = this.range().start + at;
    this.error({ start, end: start + 2 }, `'${token.slice(at, at + 2)}' is no escape of the text format. For a backslash write \\\\.`);
  }

  /** After `name:` — true where the value is missing and the next field follows: at the end, before `}`, or before `name :` on a later line. */
  private breaksOff(): boolean {
    if (this.atEnd() || this.current() === "}" || this.current() === ">") return true;
    return this.kind() === tokenCodes.IDENTIFIER && !this.sameLine(this.lastEnd) && this.startsField();
  }

  /** True where the current token is a name followed by `:`, `{` or `<`. */
  private startsField(): boolean {
    if (this.kind() !== tokenCodes.IDENTIFIER) return false;
    const next = this.peek();
    return next === ":" || next === "{" || next === "<";
  }

  /** True where the current token can only be a value. */
  private startsValue(): boolean {
    const kind = this.kind();
    if (kind === tokenCodes.IDENTIFIER) return !this.startsField();
    return kind === tokenCodes.NUMBER || kind === tokenCodes.STRING || this.current() === "-" || this.current() === "{" || this.current() === "<";
  }

  /** True for a `layer` that stands first on its line and no further in than the field of the text that is open. */
  private startsTopLevel(token: string): boolean {
    if ((token !== "layer" && token !== "layers") || !this.startsField()) return false;
    const isFirst = this.lineStart >= this.lastEnd;
    return isFirst && this.range().start - this.lineStart <= this.column;
  }

  private endOfLine(): number {
    const { start } = this.range();
    if (this.lineEnd >= start) return this.lineEnd;
    let at = start;
    while (at < this.text.length && !isLineBreak(this.text.charCodeAt(at))) at++;
    return (this.lineEnd = at);
  }

  private closes(): boolean {
    return this.current() === "}" || this.current() === ">";
  }

  /** Skips to what looks like the next field: `}` or a name followed by `:` or a brace, or the next line. */
  private skipToField(): void {
    let first = true;
    const line = this.endOfLine();
    while (!this.atEnd() && !this.closes()) {
      if (!first && (this.startsField() || this.range().start > line)) return;
      if (this.current() === "{" || this.current() === "<") {
        this.advance();
        this.skipBalanced();
        if (this.closes()) this.advance();
      } else this.advance();
      first = false;
    }
  }

  /** Skips to the bracket that closes the one just passed. */
  private skipBalanced(): void {
    let depth = 0;
    while (!this.atEnd()) {
      const token = this.current();
      if (token === "{" || token === "<") depth++;
      else if ((token === "}" || token === ">") && depth-- === 0) return;
      this.advance();
    }
  }

  /** Comments of other languages: to the end of the line, or of the comment. */
  private skipForeignComment(): void {
    const { start } = this.range();
    const mark = this.text.slice(start, start + 2);
    this.lastCommentEnd ??= this.text.lastIndexOf("*/");
    const close = mark === "/*" && start < this.lastCommentEnd ? this.text.indexOf("*/", start + 2) : -1;
    const end = close < 0 ? this.endOfLine() : close + 2;
    this.error({ start, end }, `'${mark}' begins no comment here; comments begin with '#' and end with the line.`);
    while (!this.atEnd() && this.range().start < end) this.advance();
  }

  /** `[package.field]`, an extension's name; a bracket without such a name and its partner is one too many. */
  private skipExtension(): void {
    const bracket = this.range();
    this.advance();
    const first = this.at;
    while (!this.startsField() && (this.kind() === tokenCodes.IDENTIFIER || this.kind() === tokenCodes.NUMBER || /^[./-]$/.test(this.current()))) this.advance();
    if (this.current() === "]" && this.at > first) {
      this.advance();
      this.error({ start: bracket.start, end: this.lastEnd }, "Caffe's messages have no extensions: fields are written without brackets.");
      this.skipToField();
    } else this.error(bracket, "this '[' stands where a field should begin. Remove it.");
  }

  private found(): string {
    const token = this.current();
    if (this.kind() === tokenCodes.STRING) return "a string";
    return token.length > 20 ? `'${token.slice(0, 20)}…'` : `'${token}'`;
  }

  private errorAfter(message: string): void {
    this.error({ start: Math.max(0, this.lastEnd - 1), end: this.lastEnd }, message);
  }

  private error(range: Range, message: string, code: Code = "syntax"): void {
    // What follows from giving up is no finding.
    if (range.start === this.lastErrorAt || this.layers > this.mostLayers) return;
    this.lastErrorAt = range.start;
    this.errors.push({ code, severity: "error", message, start: range.start, end: range.end });
  }

  private atEnd(): boolean {
    return this.at >= this.tokens.count;
  }

  private kind(): number {
    return this.tokens.kinds[this.at] ?? -1;
  }

  private current(): string {
    if (this.word.at !== this.at) this.word = { at: this.at, text: this.tokenText(this.at) };
    return this.word.text;
  }

  private peek(): string {
    let next = this.at + 1;
    while (next < this.tokens.count && this.tokens.kinds[next]! <= 1) next++;
    return this.tokenText(next);
  }

  private tokenText(i: number): string {
    return i < this.tokens.count ? this.text.slice(this.tokens.starts[i], this.tokens.starts[i + 1]) : "";
  }

  private range(): Range {
    return this.atEnd() ? { start: this.text.length, end: this.text.length } : { start: this.tokens.starts[this.at]!, end: this.tokens.starts[this.at + 1]! };
  }

  private sameLine(offset: number): boolean {
    const { start } = this.range();
    for (let i = offset; i < start; i++) {
      if (isLineBreak(this.text.charCodeAt(i))) return false;
    }
    return true;
  }

  private advance(): void {
    this.lastEnd = this.tokens.starts[this.at + 1]!;
    this.at++;
    this.skipTrivia();
  }

  private skipTrivia(): void {
    for (; this.at < this.tokens.count && this.tokens.kinds[this.at]! <= 1; this.at++) {
      const start = this.tokens.starts[this.at]!;
      let end = this.tokens.starts[this.at + 1]!;
      while (end > start && !isLineBreak(this.text.charCodeAt(end - 1))) end--;
      if (end > start) this.lineStart = end;
    }
  }
}

function isLineBreak(c: number): boolean {
  return c === 10 || c === 13;
}

/** A string up to its end or the first escape that libprotobuf's tokenizer refuses. */
const knownEscapes = /^(?:[^\\]|\\(?:[abfnrtv\\?'"0-7]|[xX][0-9a-fA-F]|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))*/;

function endsEscaped(token: string): boolean {
  let backslashes = 0;
  for (let i = token.length - 2; i > 0 && token[i] === "\\"; i--) backslashes++;
  return backslashes % 2 === 1;
}

function bracesPair(text: string, tokens: Tokens): boolean {
  let depth = 0;
  for (let i = 0; i < tokens.count; i++) {
    if (tokens.kinds[i] !== tokenCodes.PUNCTUATION) continue;
    const c = text.charCodeAt(tokens.starts[i]!);
    if (c === 123 || c === 60) depth++;
    else if ((c === 125 || c === 62) && --depth < 0) return false;
  }
  return depth === 0;
}
