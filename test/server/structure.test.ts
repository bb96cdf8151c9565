import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, DocumentLink, DocumentSymbol, FoldingRange, Range, SelectionRange, SemanticTokens, SemanticTokensDelta, SemanticTokensLegend, SymbolInformation } from "vscode-languageserver/node";
import { checkMarks, opened, textIn, type Mark } from "./check.ts";
import { startEditor } from "./client.ts";

const kinds: Record<number, string> = { 2: "module", 5: "class", 7: "property", 13: "variable", 23: "struct", 24: "event" };

describe("outline", () => {
  checkMarks("document-symbol", async ({ ask }) => {
    const marks = (symbols: readonly DocumentSymbol[], depth: number): Mark[] =>
      symbols.flatMap(({ name, detail, kind, range, selectionRange, children = [] }) => {
        for (const child of children) expect(child.range.start.line).toBeGreaterThanOrEqual(range.start.line);
        return [{ range: selectionRange, label: `${"  ".repeat(depth)}${kinds[kind]!} ${name}${detail === "" ? "" : ` (${detail!})`} to line ${range.end.line + 1}` }, ...marks(children, depth + 1)];
      });
    return marks(await ask<DocumentSymbol[]>("documentSymbol"), 0);
  });
});

describe("folding", () => {
  checkMarks("folding-range", async ({ ask }) =>
    (await ask<FoldingRange[]>("foldingRange")).map(({ startLine, endLine, kind }) => ({ range: { start: { line: startLine, character: 0 }, end: { line: startLine, character: 3 } }, label: `to line ${endLine + 1}${kind === undefined ? "" : ` (${kind})`}` })),
  );
});

describe("selection: from the word to the whole text", () => {
  checkMarks("selection-range", async ({ ask, cursor, text }) => {
    const [first] = await ask<SelectionRange[]>("selectionRange", { positions: [cursor] });
    const steps: string[] = [];
    for (let step: SelectionRange | undefined = first; step !== undefined; step = step.parent) steps.push(textIn(text, step.range).replace(/\s+/g, " ").replace(/^(.{40}).*(.{20})$/, "$1 … $2"));
    return [{ range: { start: cursor, end: cursor }, label: ["", ...steps].join("\n") }];
  });
});

/** Semantic tokens with their ranges. */
function decode(data: readonly number[], { tokenTypes, tokenModifiers }: SemanticTokensLegend): Mark[] {
  let [line, character] = [0, 0];
  return Array.from({ length: data.length / 5 }, (_, i) => {
    const [lines, characters, length, type, bits] = data.slice(5 * i, 5 * i + 5) as [number, number, number, number, number];
    character = lines > 0 ? characters : character + characters;
    line += lines;
    const modifiers = tokenModifiers.filter((__, bit) => (bits & (1 << bit)) !== 0);
    return { range: { start: { line, character }, end: { line, character: character + length } }, label: [tokenTypes[type]!, ...modifiers].join(" ") };
  });
}

describe("semantic tokens", () => {
  checkMarks("semantic-tokens", async ({ ask, editor }) => decode((await ask<SemanticTokens>("semanticTokens/full")).data, editor.capabilities.semanticTokensProvider!.legend));

  test("of a range are those of the whole that lie in it; a change comes as a change", async () => {
    const editor = await startEditor();
    const { ask, uri, text } = await opened('layer { name: "a" type: "ReLU" bottom: "x" top: "a" }\nlayer { name: "b" type: "ReLU" bottom: "a" top: "b" }\nlayer { name: "c" type: "ReLU" bottom: "b" top: "c" }\n', editor);
    const { legend } = editor.capabilities.semanticTokensProvider!;
    const full = await ask<SemanticTokens>("semanticTokens/full");
    const range: Range = { start: { line: 1, character: 0 }, end: { line: 1, character: 99 } };
    const part = decode((await ask<SemanticTokens>("semanticTokens/range", { range })).data, legend);
    expect(part).toEqual(decode(full.data, legend).filter((token) => token.range.start.line === 1));
    const changed = text.replace('"b" type: "ReLU"', '"bb" type: "ReLU"');
    await editor.change(uri, 2, changed);
    const { edits } = await ask<SemanticTokensDelta>("semanticTokens/full/delta", { previousResultId: full.resultId });
    const data = [...full.data];
    for (const { start, deleteCount, data: put = [] } of [...edits].reverse()) data.splice(start, deleteCount, ...put);
    expect(edits.reduce((sum, edit) => sum + (edit.data?.length ?? 0), 0)).toBeLessThan(full.data.length / 2);
    expect(decode(data, legend)).toEqual(decode((await ask<SemanticTokens>("semanticTokens/full")).data, legend));
    editor.close();
  });
});

describe("call hierarchy: the layers upstream and downstream", () => {
  checkMarks("call-hierarchy", async ({ ask, editor }) => {
    const [item] = (await ask<CallHierarchyItem[] | null>("prepareCallHierarchy")) ?? [];
    if (item === undefined) return [];
    const incoming = await editor.request<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item });
    const outgoing = await editor.request<CallHierarchyOutgoingCall[]>("callHierarchy/outgoingCalls", { item });
    const shown = ({ name, detail }: CallHierarchyItem): string => `${name} (${detail!})`;
    return [
      { range: item.selectionRange, label: `item ${shown(item)}` },
      ...incoming.flatMap(({ from, fromRanges }) => fromRanges.map((range) => ({ range, label: `from ${shown(from)}` }))),
      ...outgoing.flatMap(({ to, fromRanges }) => fromRanges.map((range) => ({ range, label: `to ${shown(to)}` }))),
    ];
  });
});

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "netsurgeon-links-"));
  afterAll(() => { rmSync(folder, { recursive: true }); });
  mkdirSync(join(folder, "nets"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["mean.binaryproto", "nets/train.prototxt", "nets/a b.caffemodel"]) writeFileSync(join(folder, name), "");
  writeFileSync(join(folder, "nets/other.prototxt"), 'layer { name: "conv-other" type: "ReLU" bottom: "x" top: "y" }\n');
  writeFileSync(join(folder, "node_modules/far.prototxt"), 'layer { name: "conv-far" type: "ReLU" bottom: "x" top: "y" }\n');
  const folders = [pathToFileURL(folder).href];
  const uri = pathToFileURL(join(folder, "nets/solver.prototxt")).href;
  const links = async (text: string, options: Parameters<typeof startEditor>[1]): Promise<string[]> => {
    const editor = await startEditor({}, options);
    await editor.open(uri, text);
    const found = await editor.request<DocumentLink[]>("textDocument/documentLink", { textDocument: { uri } });
    editor.close();
    return found.map(({ range, target }) => `${textIn(text, range)} -> ${target!.slice(folders[0]!.length)}`);
  };

  test.each<[string, string, string[]]>([
    ["a solver's net, beside it", 'net: "train.prototxt"\nbase_lr: 1\n', ["train.prototxt -> /nets/train.prototxt"]],
    ["a mean, from the folder of the workspace", 'layer { name: "d" type: "Data" top: "d" transform_param { mean_file: "mean.binaryproto" } data_param { source: "none.lmdb" } }\n', ["mean.binaryproto -> /mean.binaryproto"]],
    ["a model that a comment names", '# weights: a b.caffemodel\nlayer { name: "d" type: "ReLU" bottom: "x" top: "d" }\n', ["a b.caffemodel -> /nets/a%20b.caffemodel"]],
    ["weights of a solver", 'net: "train.prototxt"\nweights: "a b.caffemodel"\n', ["train.prototxt -> /nets/train.prototxt", "a b.caffemodel -> /nets/a%20b.caffemodel"]],
  ])("links to %s", async (_, text, expected) => { expect(await links(text, { folders })).toEqual(expected); });

  test("in a workspace that is not trusted there are no links and no symbols of other files", async () => {
    expect(await links('net: "train.prototxt"\nbase_lr: 1\n', { folders, trusted: false })).toEqual([]);
    const editor = await startEditor({}, { folders, trusted: false });
    expect(await editor.request<SymbolInformation[]>("workspace/symbol", { query: "conv" })).toEqual([]);
    editor.close();
  });

  test("symbols of the workspace: open texts as they stand, other files as they are", async () => {
    const editor = await startEditor({}, { folders });
    await editor.open(pathToFileURL(join(folder, "nets/train.prototxt")).href, 'layer { name: "conv-open" type: "ReLU" bottom: "x" top: "y" }\n');
    const found = async (query: string): Promise<string[]> =>
      (await editor.request<SymbolInformation[]>("workspace/symbol", { query })).map(({ name, containerName, location }) => `${name} ${containerName!} ${location.uri.slice(folders[0]!.length)}:${location.range.start.line + 1}:${location.range.start.character + 1}`).sort();
    expect(await found("conv")).toEqual(["conv-open ReLU /nets/train.prototxt:1:16", "conv-other ReLU /nets/other.prototxt:1:16"]);
    expect(await found("OTHER")).toEqual(["conv-other ReLU /nets/other.prototxt:1:16"]);
    expect(await found("nothing like it")).toEqual([]);
    editor.close();
  });
});
