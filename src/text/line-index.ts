/** A place in a text, both zero-based; `column` counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Where the lines of a text start, for turning offsets into positions and back. */
export interface LineIndex {
  readonly starts: readonly number[];
  readonly length: number;
}

/** The line index of a text. Lines end at `\n`, `\r\n` or a lone `\r`. */
export function indexLines(text: string): LineIndex {
  const starts = [0];
  let feed = text.indexOf("\n");
  let alone = text.indexOf("\r");
  // Searching for a character is faster than looking at each; a lone `\r` ends lines in few texts.
  while (feed >= 0 || alone >= 0) {
    if (alone >= 0 && (feed < 0 || alone < feed)) {
      if (alone + 1 !== feed) starts.push(alone + 1);
      alone = text.indexOf("\r", alone + 1);
    } else {
      starts.push(feed + 1);
      feed = text.indexOf("\n", feed + 1);
    }
  }
  return { starts, length: text.length };
}

/** The position of an offset; offsets outside the text are clamped to it. */
export function positionAt(index: LineIndex, offset: number): Position {
  const at = Math.max(0, Math.min(offset, index.length));
  let low = 0;
  let high = index.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (index.starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low, column: at - index.starts[low]! };
}

/** The offset of a position; lines and columns outside the text are clamped to it. */
export function offsetAt(index: LineIndex, position: Position): number {
  if (position.line < 0) return 0;
  const start = index.starts[position.line];
  if (start === undefined) return index.length;
  const next = index.starts[position.line + 1] ?? index.length;
  return Math.max(start, Math.min(start + position.column, next));
}
