import { SymbolKind, type DocumentSymbol, type DocumentSymbolParams, type ServerCapabilities } from "vscode-languageserver/node";
import type { LineIndex } from "../../src/text/line-index.ts";
import { outline, type OutlineSymbol } from "../../src/ide/symbols.ts";
import { range } from "../convert.ts";
import type { Server } from "../server.ts";

export const symbolKinds: Readonly<Record<OutlineSymbol["kind"], SymbolKind>> = {
  net: SymbolKind.Module,
  data: SymbolKind.Variable,
  layer: SymbolKind.Class,
  loss: SymbolKind.Event,
  params: SymbolKind.Struct,
  field: SymbolKind.Property,
};

/** The outline. */
export function documentSymbol({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onDocumentSymbol(
    answer("outline", async ({ textDocument }: DocumentSymbolParams): Promise<DocumentSymbol[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      return analysis === undefined ? [] : outline(analysis).map((symbol) => convert(analysis.lines, symbol));
    }),
  );
  return { documentSymbolProvider: true };
}

function convert(lines: LineIndex, { name, detail, kind, whole, at, children }: OutlineSymbol): DocumentSymbol {
  return {
    name, detail, kind: symbolKinds[kind], range: range(lines, whole), selectionRange: range(lines, at),
    ...(children.length > 0 && { children: children.map((child) => convert(lines, child)) }),
  };
}
