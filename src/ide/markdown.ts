import { printable } from "../text/words.ts";

/** Text from a file as words in Markdown: nothing in it becomes a link, a picture, HTML, code or a new line, and nothing is fetched for it. */
export function markdownText(text: string): string {
  return printable(text)
    .replace(/[\\`*_{}[\]()<>#!|~&:@]/g, "\\$&")
    .replace(/\bwww\./gi, (word) => word.replace(".", "\\."));
}

/** Text from a file as code in Markdown. */
export function markdownCode(text: string): string {
  const content = printable(text);
  const runs = content.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  // A blank on each side is no part of the code.
  return runs.length > 0 || content.trim() === "" ? `${fence} ${content} ${fence}` : `${fence}${content}${fence}`;
}
