import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startEditor } from "./client.ts";
test("smoke", async () => {
  const e = await startEditor();
  const text = readFileSync("samples/nuclei32/deploy.prototxt", "utf8");
  const uri = "file:///tmp/nowhere/deploy.prototxt";
  console.log(JSON.stringify(await e.open(uri, text), null, 0));
  const textDocument = { uri };
  for (const [m, p] of [["hover", { position: { line: 4, character: 10 } }], ["hover", { position: { line: 12, character: 8 } }], ["completion", { position: { line: 11, character: 4 } }], ["inlayHint", { range: { start: { line: 0, character: 0 }, end: { line: 200, character: 0 } } }], ["codeLens", {}], ["documentSymbol", {}], ["foldingRange", {}], ["definition", { position: { line: 20, character: 14 } }], ["references", { position: { line: 20, character: 14 }, context: { includeDeclaration: true } }], ["rename", { position: { line: 20, character: 14 }, newName: "c1" }], ["formatting", { options: { tabSize: 2, insertSpaces: true } }], ["prepareCallHierarchy", { position: { line: 5, character: 10 } }], ["codeAction", { range: { start: { line: 78, character: 0 }, end: { line: 82, character: 0 } }, context: { diagnostics: [] } }], ["semanticTokens/full", {}], ["selectionRange", { positions: [{ line: 12, character: 10 }] }]] as const) {
    const r = await e.request(`textDocument/${m}`, { textDocument, ...p });
    console.log(m, JSON.stringify(r).slice(0, 1500));
  }
  console.log(await e.request("netsurgeon/shapes", { uri }));
  expect(e.errors).toEqual([]);
  e.close();
});
