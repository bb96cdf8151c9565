import type { Range } from "../text/edit.ts";
import { limit, raising } from "../text/limits.ts";
import { count } from "../text/words.ts";
import type { Code, Diagnostic } from "../text/diagnostic.ts";
import { lex, tokenCodes, type Tokens } from "./lexer.ts";
import { ANGLE_CLOSE, ANGLE_OPEN, BRACE_CLOSE, BRACE_OPEN, COLON, COMMA, MINUS, SEMICOLON, SLASH, SQUARE_CLOSE, SQUARE_OPEN, TokenCursor } from "./token-cursor.ts";
import { wordIn } from "./words.ts";
import { Patterns, type Outline } from "./patterns.ts";
import { isPlainString } from "./scalar.ts";
import { commonWith, unchangedMessages } from "./unchanged.ts";
import { FieldNode, MessageNode, type ListNode, type ScalarNode, type Tree, type ValueNode } from "./tree.ts";

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

const SMALL_L = 108;

function isLayerName(name: string): boolean {
  return name === "layer" || name === "layers";
}

/** A `layer` first on its line. */
const mentionsLayer = /[\r\n]\s*layers?\b/;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The state of one parse: a position among the tokens, and the errors so far. */
class Parser extends TokenCursor {
  private readonly errors: Diagnostic[] = [];
  /** How many errors were found, those left out because another stands in their place included. */
  private problems = 0;
  private readonly patterns: Patterns;
  private lastErrorAt = -1;
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
  private readonly deepest = limit("nesting");
  private readonly unchanged: ReadonlyMap<number, FieldNode> | undefined;

  constructor(text: string, tokens: Tokens, unchanged: ReadonlyMap<number, FieldNode> | undefined) {
    super(text, tokens);
    this.unchanged = unchanged;
    this.patterns = new Patterns(text, tokens);
    this.unbalanced = !bracesPair(tokens);
  }

  tree(): Tree {
    if (this.text.charCodeAt(0) === 0xfeff) {
      this.error({ start: 0, end: 1 }, "the file begins with a byte order mark (BOM), which Caffe does not read. Save it as UTF-8 without BOM.", "syntax-bom");
      if (this.current() === "\ufeff") this.advance();
    }
    const root: Mutable<MessageNode> = new MessageNode(0, this.text.length, undefined);
    root.inner = this.fields(root, 0, 0);
    // Some of the layers would be another net, about which nothing is worth saying.
    if (this.layers > this.mostLayers) root.inner = root.fields.filter(({ name }) => !isLayerName(name));
    return { text: this.text, tokens: this.tokens, root, errors: this.errors };
  }

  /** The fields up to the bracket `close` (a character code; 0 for the end of the text), which is left for the caller. */
  private fields(parent: MessageNode, close: number, depth: number): FieldNode[] {
    const fields: FieldNode[] = [];
    for (;;) {
      if (this.atEnd()) return fields;
      const known = depth === 0 ? this.takeOver(parent) : undefined;
      if (known !== undefined) {
        if (isLayerName(known.name) && this.tooManyLayers(known)) return fields;
        fields.push(known);
        continue;
      }
      if (this.kind() === tokenCodes.IDENTIFIER) {
        if (this.unbalanced && close === 0) this.column = this.start() - this.startOfLine();
        else if (this.unbalanced && this.startsTopLevel()) return fields;
        fields.push(this.field(parent, depth));
        continue;
      }
      const sign = this.sign();
      if (close !== 0 && (sign === BRACE_CLOSE || sign === ANGLE_CLOSE)) return fields;
      if (this.openLists > 0 && sign === SQUARE_CLOSE) return fields;
      this.noField(sign, close);
    }
  }

  /** What stands where a field should begin, reported and passed over. */
  private noField(sign: number, close: number): void {
    const token = String.fromCharCode(sign);
    if (sign === SQUARE_OPEN) {
      this.skipExtension();
    } else if (sign === SEMICOLON || sign === COMMA) {
      this.error(this.range(), `'${token}' stands where a field should begin. Remove it.`);
      this.advance();
    } else if (sign === BRACE_CLOSE || sign === ANGLE_CLOSE) {
      this.error(this.range(), `this '${token}' closes nothing. Remove it, or open the message it should close.`);
      this.advance();
    } else if (sign === SLASH && /^[/*]/.test(this.text.slice(this.range().end, this.range().end + 1))) {
      this.skipForeignComment();
    } else {
      this.error(this.range(), `expected a field name${close === 0 ? "" : ` or '${String.fromCharCode(close)}'`}, found ${this.found()}.`);
      this.skipToField();
    }
  }

  /** The field of the earlier tree that begins here and would be read the same again. */
  private takeOver(parent: MessageNode): FieldNode | undefined {
    const field = this.unchanged?.get(this.tokens.starts[this.at]!);
    if (field === undefined) return undefined;
    // In a text whose braces do not pair up, a `layer` on a line of its own may end the message it stands in.
    if (this.unbalanced && mentionsLayer.test(this.text.slice(field.start, field.end))) return undefined;
    const { at, lastEnd } = this;
    this.passTo(field.end);
    const next = this.sign();
    if (next === COMMA || next === SEMICOLON) {
      [this.at, this.lastEnd] = [at, lastEnd];
      return undefined;
    }
    (field as Mutable<FieldNode>).parent = parent;
    return field;
  }

  private field(parent: MessageNode, depth: number): FieldNode {
    const start = this.start();
    const name = wordIn(this.text, start, this.tokens.starts[this.at + 1]!);
    this.advance();
    const node: Mutable<FieldNode> = new FieldNode(start, name, parent);
    const sign = this.sign();
    if (sign === COLON) {
      node.colonAt = this.start();
      this.advance();
      if (this.breaksOff()) this.errorAfter(`expected a value after '${name}:'.`);
      else node.value = this.value(node, depth, name);
    } else if (sign === BRACE_OPEN || sign === ANGLE_OPEN) {
      node.value = this.message(node, depth);
    } else if (sign === SQUARE_OPEN) {
      node.value = this.list(node, depth, name); // for messages; the typed reading says so of the others
    } else {
      this.errorAfter(`expected ':' or '{' after '${name}'.`);
      if (!this.atEnd() && !this.startsField() && !this.closes() && this.sameLine(start + name.length)) {
        if (this.startsValue()) node.value = this.value(node, depth, name);
        else this.skipToField();
      }
    }
    if (node.value !== undefined) {
      const after = this.sign();
      if (after === SEMICOLON || after === COMMA) this.advance();
    }
    node.end = this.lastEnd;
    return node;
  }

  private value(parent: FieldNode, depth: number, name: string): ValueNode | undefined {
    const sign = this.sign();
    if (sign === BRACE_OPEN || sign === ANGLE_OPEN) return this.message(parent, depth);
    if (sign === SQUARE_OPEN) return this.list(parent, depth, name);
    return this.scalar(name, false);
  }

  private message(parent: FieldNode, depth: number): MessageNode {
    const start = this.start();
    const close = this.sign() === BRACE_OPEN ? BRACE_CLOSE : ANGLE_CLOSE;
    const isLayer = depth === 0 && isLayerName(parent.name);
    this.advance();
    const node: Mutable<MessageNode> = new MessageNode(start, start + 1, parent);
    if (isLayer && this.tooManyLayers(parent)) return node;
    const outline = this.outline(start, depth);
    if (outline !== undefined && this.patterns.model(node, outline)) {
      node.closed = true;
      this.at = outline.last;
      this.advance();
      node.end = this.lastEnd;
      return node;
    }
    const errors = this.problems;
    if (depth >= this.deepest) {
      this.error(node.open!, `messages are nested more than ${this.deepest} deep; what is inside is not read. ${raising("nesting", 2 * this.deepest)}`);
      this.skipBalanced();
    } else {
      // A list that grew has room to spare; a copy has none.
      node.inner = this.fields(node, close, depth + 1).slice();
    }
    const end = this.sign();
    if (end === close) {
      node.closed = true;
      this.advance();
    } else if (end === BRACE_CLOSE || end === ANGLE_CLOSE) {
      this.error(this.range(), `'${this.text[start]!}' is closed by '${String.fromCharCode(close)}', not by '${String.fromCharCode(end)}'.`);
      this.advance();
    } else {
      this.error(node.open!, `this '${this.text[start]!}' of '${parent.name}' is never closed: '${String.fromCharCode(close)}' is missing.`);
    }
    node.end = this.lastEnd;
    if (outline !== undefined && this.problems === errors && node.end === this.tokens.starts[outline.last + 1]) this.patterns.add(node, outline);
    return node;
  }

  /** The outline of the message whose bracket was just passed; undefined where what is around it has a say in how it is read. */
  private outline(start: number, depth: number): Outline | undefined {
    const found = this.openLists > 0 ? undefined : this.patterns.outline(start, this.at, depth);
    return found !== undefined && this.unbalanced && mentionsLayer.test(this.text.slice(start, this.tokens.starts[found.last])) ? undefined : found;
  }

  /** Counts a layer; where it is one too many, says so and goes to the end of the text. */
  private tooManyLayers(layer: FieldNode): boolean {
    if (this.layers >= this.mostLayers) this.error(layer.nameRange, `the net has more than ${count(this.mostLayers)} layers; none of them is looked at. ${raising("layers", 10 * this.mostLayers)}`, "too-many-layers");
    if (++this.layers <= this.mostLayers) return false;
    this.at = this.tokens.count;
    this.lastEnd = this.text.length;
    return true;
  }

  private list(parent: FieldNode, depth: number, name: string): ListNode {
    const start = this.start();
    this.advance();
    const items: (ScalarNode | MessageNode)[] = [];
    this.openLists++;
    const separated = `expected ',' or ']' in the list of '${name}'.`;
    while (this.sign() !== SQUARE_CLOSE && !this.breaksOff()) {
      const sign = this.sign();
      if (sign === COMMA || sign === SEMICOLON) {
        this.error(this.range(), `expected a value in the list of '${name}', found '${String.fromCharCode(sign)}'.`);
        this.advance();
        continue;
      }
      const item = sign === BRACE_OPEN || sign === ANGLE_OPEN ? this.message(parent, depth) : this.scalar(name, true);
      if (item === undefined) break;
      items.push(item);
      if (this.sign() === COMMA) {
        const comma = this.range();
        this.advance();
        if (this.sign() === SQUARE_CLOSE) this.error(comma, "a list does not end with ','. Remove it.");
      } else if (this.sign() === SEMICOLON) {
        this.error(this.range(), separated);
        this.advance();
      } else if (this.startsValue() && !this.breaksOff()) this.errorAfter(separated);
      else break;
    }
    this.openLists--;
    if (this.sign() === SQUARE_CLOSE) this.advance();
    else if (this.lastErrorAt < start) this.errorAfter(separated);
    return { kind: "list", start, end: this.lastEnd, items };
  }

  private scalar(name: string, inList: boolean): ScalarNode | undefined {
    const start = this.start();
    const kind = this.kind();
    if (kind === tokenCodes.STRING) return this.strings(start);
    const negative = this.sign() === MINUS;
    if (negative) this.advance();
    const form = this.kind() === tokenCodes.NUMBER ? "number" : this.kind() === tokenCodes.IDENTIFIER ? "identifier" : undefined;
    if (form === undefined || this.atEnd()) {
      const where = inList ? `in the list of '${name}'` : `after '${name}:'`;
      if (this.atEnd() || this.closes()) this.errorAfter(`expected a value ${where}.`);
      else {
        this.error(this.range(), `expected a value ${where}, found ${this.found()}.`);
        this.skipToField();
      }
      return undefined;
    }
    const raw = wordIn(this.text, this.start(), this.tokens.starts[this.at + 1]!);
    this.advance();
    return { kind: "scalar", form, negative, raw, start, end: this.lastEnd };
  }

  private strings(start: number): ScalarNode {
    while (this.kind() === tokenCodes.STRING && !this.atEnd()) {
      if (!isPlainString(this.text, this.start(), this.tokens.starts[this.at + 1]!)) this.checkString(this.current());
      this.advance();
    }
    return { kind: "scalar", form: "string", negative: false, raw: wordIn(this.text, start, this.lastEnd), start, end: this.lastEnd };
  }

  private checkString(token: string): void {
    if (token.length < 2 || token.at(-1) !== token[0] || endsEscaped(token)) {
      this.error(this.range(), `the string is not closed: ${token[0]!} is missing at the end of the line.`);
    } else this.checkEscapes(token);
  }

  /** Reports the first escape that the text format does not know; mostly a path as Windows writes it. */
  private checkEscapes(token: string): void {
    const at = knownEscapes.exec(token)![0].length;
    if (at === token.length) return;
    const start = this.start() + at;
    this.error({ start, end: start + 2 }, `'${token.slice(at, at + 2)}' is no escape of the text format. For a backslash write \\\\.`);
  }

  /** After `name:` — true where the value is missing and the next field follows: at the end, before `}`, or before `name :` on a later line. */
  private breaksOff(): boolean {
    if (this.atEnd() || this.closes()) return true;
    return this.kind() === tokenCodes.IDENTIFIER && !this.sameLine(this.lastEnd) && this.startsField();
  }

  /** True where the current token can only be a value. */
  private startsValue(): boolean {
    const kind = this.kind();
    if (kind === tokenCodes.IDENTIFIER) return !this.startsField();
    return kind === tokenCodes.NUMBER || kind === tokenCodes.STRING || this.sign() === MINUS || this.opens();
  }

  /** True for a `layer` that stands first on its line and no further in than the field of the text that is open. */
  private startsTopLevel(): boolean {
    if (this.text.charCodeAt(this.start()) !== SMALL_L || !isLayerName(this.current()) || !this.startsField()) return false;
    const line = this.startOfLine();
    return line >= this.lastEnd && this.start() - line <= this.column;
  }

  /** Skips to what looks like the next field: `}` or a name followed by `:` or a brace, or the next line. */
  private skipToField(): void {
    let first = true;
    const line = this.endOfLine();
    while (!this.atEnd() && !this.closes()) {
      if (!first && (this.startsField() || this.start() > line)) return;
      if (this.opens()) {
        this.advance();
        this.skipBalanced();
        if (this.closes()) this.advance();
      } else this.advance();
      first = false;
    }
  }

  /** Comments of other languages: to the end of the line, or of the comment. */
  private skipForeignComment(): void {
    const start = this.start();
    const mark = this.text.slice(start, start + 2);
    this.lastCommentEnd ??= this.text.lastIndexOf("*/");
    const close = mark === "/*" && start < this.lastCommentEnd ? this.text.indexOf("*/", start + 2) : -1;
    const end = close < 0 ? this.endOfLine() : close + 2;
    this.error({ start, end }, `'${mark}' begins no comment here; comments begin with '#' and end with the line.`);
    while (!this.atEnd() && this.start() < end) this.advance();
  }

  /** `[package.field]`, an extension's name; a bracket without such a name and its partner is one too many. */
  private skipExtension(): void {
    const bracket = this.range();
    this.advance();
    const first = this.at;
    while (!this.startsField() && (this.kind() === tokenCodes.IDENTIFIER || this.kind() === tokenCodes.NUMBER || /^[./-]$/.test(this.current()))) this.advance();
    if (this.sign() === SQUARE_CLOSE && this.at > first) {
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
    this.problems++;
    // What follows from giving up is no finding.
    if (range.start === this.lastErrorAt || this.layers > this.mostLayers) return;
    this.lastErrorAt = range.start;
    this.errors.push({ code, severity: "error", message, start: range.start, end: range.end });
  }
}

/** A string up to its end or the first escape that libprotobuf's tokenizer refuses. */
const knownEscapes = /^(?:[^\\]|\\(?:[abfnrtv\\?'"0-7]|[xX][0-9a-fA-F]|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))*/;

function endsEscaped(token: string): boolean {
  let backslashes = 0;
  for (let i = token.length - 2; i > 0 && token[i] === "\\"; i--) backslashes++;
  return backslashes % 2 === 1;
}

function bracesPair({ kinds }: Tokens): boolean {
  let depth = 0;
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i];
    if (kind === BRACE_OPEN || kind === ANGLE_OPEN) depth++;
    else if ((kind === BRACE_CLOSE || kind === ANGLE_CLOSE) && --depth < 0) return false;
  }
  return depth === 0;
}
