import type { Diagnostic } from "../text/diagnostic.ts";
import { indexLines, positionAt } from "../text/line-index.ts";
import { comments, type Tree } from "../prototxt/tree.ts";

/** A comment that silences findings: on its own line, on the next one, or in the whole file. Without codes, all of them. */
interface Directive {
  readonly scope: "line" | "next-line" | "file";
  readonly line: number;
  readonly codes: ReadonlySet<string>;
}

/**
 * The findings without those that comments of the text silence: `# netsurgeon-disable-line CODE, CODE`, `# netsurgeon-disable-next-line CODE`
 * and, for the whole file, `# netsurgeon-disable CODE`. What makes the text unreadable cannot be silenced.
 */
export function applyDirectives(tree: Tree, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const directives = tree.text.includes("netsurgeon-disable") ? readDirectives(tree) : [];
  if (directives.length === 0) return [...diagnostics];
  const index = indexLines(tree.text);
  return diagnostics.filter((found) => {
    if (found.code.startsWith("syntax") || found.code === "too-many-layers") return true;
    const { line } = positionAt(index, found.start);
    return !directives.some(
      ({ scope, line: at, codes }) => (codes.size === 0 || codes.has(found.code)) && (scope === "file" || line === (scope === "line" ? at : at + 1)),
    );
  });
}

/** The path in a `# weights: PATH` comment and where it stands; undefined where there is none, or one that names another machine. */
export function weightsComment(tree: Tree): { path: string; start: number; end: number } | undefined {
  if (!tree.text.includes("weights:")) return undefined;
  for (const { text, start } of comments(tree)) {
    const match = /^(\s*weights:\s*)(\S.*?)\s*$/.exec(text);
    if (match === null || namesHost(match[2]!)) continue;
    const from = start + 1 + match[1]!.length;
    return { path: match[2]!, start: from, end: from + match[2]!.length };
  }
  return undefined;
}

/** True for a path such as `\\\\host\\share`: to look whether it exists, Windows would log in to that host. Texts of others do not get to ask for that. */
export function namesHost(path: string): boolean {
  return /^[\\/]{2}/.test(path);
}

function readDirectives(tree: Tree): Directive[] {
  const index = indexLines(tree.text);
  return comments(tree).flatMap(({ text, start }) => {
    const match = /^\s*netsurgeon-disable(-line|-next-line)?(?![\w-])[:\s]*([\w\s,-]*)/.exec(text);
    if (match === null) return [];
    const scope = match[1] === undefined ? "file" : match[1] === "-line" ? "line" : "next-line";
    return [{ scope, line: positionAt(index, start).line, codes: new Set(match[2]!.split(/[\s,]+/).filter((code) => code !== "")) } as const];
  });
}
