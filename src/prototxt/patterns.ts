import { punctuation, tokenCodes, type Tokens } from "./lexer.ts";
import { isPlainString } from "./scalar.ts";
import { ANGLE_CLOSE, ANGLE_OPEN, BRACE_CLOSE, BRACE_OPEN, SQUARE_OPEN } from "./token-cursor.ts";
import { copyMessage, type MessageNode } from "./tree.ts";
import { wordIn } from "./words.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a text has of a message, but for the strings that may be others. */
export interface Outline {
  readonly hash: number;
  readonly depth: number;
  /** Where it begins; the token of the bracket that closes it, and those of the strings that may be others. */
  readonly start: number;
  readonly last: number;
  readonly holes: readonly number[];
}

/** A message without errors, to be known again: its text between the strings that may be others, and these. */
interface Pattern {
  readonly node: Mutable<MessageNode>;
  readonly outline: Outline;
  readonly parts: readonly string[];
}

/** Longer messages are not looked for among those already read: few are, and each of those around them would look again. */
const FAR = 512;

/**
 * The messages of a text that were read without errors. Nets repeat themselves: a message of the same text as one before, and a layer of the same
 * text but for its strings, is given a model (`MessageNode.model`) instead of being read again.
 */
export class Patterns {
  private readonly text: string;
  private readonly tokens: Tokens;
  /** By the hash of their outlines; of two with the same hash, the later. */
  private readonly known = new Map<number, Pattern>();

  constructor(text: string, tokens: Tokens) {
    this.text = text;
    this.tokens = tokens;
  }

  /**
   * The outline of the message that begins at `start`, from its first significant token on; undefined where it is long, or has strings that cannot be
   * told apart by their order. Of a message at the top of the text (`depth` 0), strings may be others.
   */
  outline(start: number, first: number, depth: number): Outline | undefined {
    const { text } = this;
    const { kinds, starts, count } = this.tokens;
    const holes: number[] = [];
    const end = Math.min(count, first + FAR);
    let open = 1;
    let hash = 0x811c9dc5 ^ depth;
    let before = 0;
    for (let i = first; i < end; i++) {
      const kind = kinds[i]!;
      const sign = punctuation(kind);
      if (sign === BRACE_OPEN || sign === ANGLE_OPEN) open++;
      else if (sign === BRACE_CLOSE || sign === ANGLE_CLOSE) {
        if (--open === 0) return { hash, depth, start, last: i, holes };
      } else if (depth === 0 && open === 1 && (kind === tokenCodes.STRING || sign === SQUARE_OPEN)) {
        // Strings in a row are one value, and a list may have many.
        if (sign !== 0 || before === tokenCodes.STRING || !isPlainString(text, starts[i]!, starts[i + 1]!)) return undefined;
        holes.push(i);
      } else if (kind > 0) {
        for (let at = starts[i]!; at < starts[i + 1]!; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
      }
      if (kind > 1) before = kind;
    }
    return undefined;
  }

  /** Gives a message the model of an earlier one that is like it; false where there is none. */
  model(node: Mutable<MessageNode>, outline: Outline): boolean {
    const pattern = this.known.get(outline.hash);
    if (pattern === undefined || !this.fits(pattern, outline)) return false;
    const first = pattern.node;
    if (first.model === undefined) {
      // The model keeps nothing of a tree alive.
      first.model = copyMessage(first, 0, undefined);
      first.strings = this.strings(pattern.outline);
    }
    node.model = first.model;
    node.strings = this.strings(outline);
    return true;
  }

  /** Remembers a message that was read without errors. */
  add(node: MessageNode, outline: Outline): void {
    const { starts } = this.tokens;
    const { hash, start, last, holes } = outline;
    const parts = [...holes, last + 1].map((to, i) => this.text.slice(i === 0 ? start : starts[holes[i - 1]! + 1], starts[to]));
    this.known.set(hash, { node, outline, parts });
  }

  private fits({ outline, parts }: Pattern, { depth, start, last, holes }: Outline): boolean {
    if (outline.depth !== depth || outline.holes.length !== holes.length) return false;
    const { starts } = this.tokens;
    let from = start;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const to = starts[i < holes.length ? holes[i]! : last + 1]!;
      if (to - from !== part.length || !this.text.startsWith(part, from)) return false;
      if (i < holes.length) from = starts[holes[i]! + 1]!;
    }
    return true;
  }

  private strings({ holes }: Outline): readonly string[] {
    const { starts } = this.tokens;
    return holes.length === 0 ? none : holes.map((i) => wordIn(this.text, starts[i]!, starts[i + 1]!));
  }
}

const none: readonly never[] = [];
