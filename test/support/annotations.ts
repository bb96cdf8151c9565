import type { Diagnostic } from "../../src/text/diagnostic.ts";
import { indexLines, positionAt } from "../../src/text/line-index.ts";

/**
 * The expectations of an annotated text: a comment line `# ^^^^ error[code]: message part` marks the range above its carets.
 * The text stays valid, as `#` begins a comment.
 */
export function expectations(text: string): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, i) => {
    const match = /^(#[ ]*)(\^+) (\w+)\[([\w-]+)\](?:: (.*))?$/.exec(line);
    if (match === null) return [];
    const above = lines.slice(0, i).findLastIndex((candidate) => !/^#[ ]*\^/.test(candidate));
    return [`${above + 1}:${match[1]!.length + 1}-${match[1]!.length + match[2]!.length} ${match[3]!}[${match[4]!}]${match[5] === undefined ? "" : `: ${match[5]}`}`];
  });
}

/** Diagnostics in the same form, cut to what the expectation of the same place says of the message. */
export function asAnnotations(text: string, diagnostics: readonly Diagnostic[], expected: readonly string[]): string[] {
  const index = indexLines(text);
  return diagnostics.map((d) => {
    const [start, end] = [positionAt(index, d.start), positionAt(index, d.end)];
    const head = `${start.line + 1}:${start.column + 1}-${end.line === start.line ? end.column : start.column + 1} ${d.severity}[${d.code}]`;
    const wanted = expected.find((one) => one === head || one.startsWith(`${head}: `));
    const part = wanted?.slice(head.length + 2) ?? "";
    if (part === "") return head;
    return d.message.includes(part) ? `${head}: ${part}` : `${head}: ${d.message}`;
  });
}
