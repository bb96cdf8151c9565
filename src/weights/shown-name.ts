import { printable } from "../text/words.ts";

const longest = 80;

/** A name out of a file as it may be shown on a terminal: control characters replaced, cut after 80 characters. */
export function shownName(name: string): string {
  const clean = printable(name);
  return clean.length > longest ? `${clean.slice(0, longest)}...` : clean;
}
