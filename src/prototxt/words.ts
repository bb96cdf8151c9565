/**
 * A word of a text as a string of its own: nodes outlive the version of the text that they were read from, and a part of a string can keep the whole
 * of it in memory. Words that came up lately are given out again, as most are among few.
 */
export function wordIn(text: string, start: number, end: number): string {
  const length = end - start;
  if (length > LONGEST) return ownString(text.slice(start, end));
  // Where it begins, ends and is in the middle tells most words of a net apart.
  const mixed = Math.imul(text.charCodeAt(start), 31) + Math.imul(text.charCodeAt(end - 1), 1021) + Math.imul(text.charCodeAt(start + (length >> 1)), 131071) + length;
  const slot = (mixed ^ (mixed >>> 11)) & (slots.length - 1);
  const known = slots[slot]!;
  if (known.length === length && text.startsWith(known, start)) return known;
  return (slots[slot] = ownString(text.slice(start, end)));
}

/** Longer words do not come up again, and would be held for nothing. */
const LONGEST = 64;

const slots: string[] = new Array<string>(2048).fill("");

/** A string that shares no memory with the one it was cut from. */
export function ownString(part: string): string {
  // Shorter parts are copied anyway.
  return part.length < 13 ? part : Buffer.from(part, "utf16le").toString("utf16le");
}
