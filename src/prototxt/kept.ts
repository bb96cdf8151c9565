/**
 * A word of a text as a string of its own. A part of a string keeps the whole string in memory; nodes outlive the version of the text that they were
 * read from, and most words are among few.
 */
export function kept(word: string): string {
  // Shorter parts are copied anyway.
  if (word.length < 13) return word;
  const known = words.get(word);
  if (known !== undefined) return known;
  if (words.size > 20_000) words.clear();
  const copy = Buffer.from(word, "utf16le").toString("utf16le");
  words.set(copy, copy);
  return copy;
}

const words = new Map<string, string>();
