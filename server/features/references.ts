import { DocumentHighlightKind, type DocumentHighlight, type DocumentHighlightParams, type Location, type ReferenceParams, type ServerCapabilities } from "vscode-languageserver/node";
import { referencesAt } from "../../src/ide/navigation.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";

/** Every mention of a name, as a list and as highlights. */
export function references({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onReferences(
    answer("references", async ({ textDocument, position, context }: ReferenceParams): Promise<Location[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return [];
      return referencesAt(analysis, offset(analysis.lines, position), context.includeDeclaration).map((mention) => ({ uri: textDocument.uri, range: range(analysis.lines, mention) }));
    }),
  );
  connection.onDocumentHighlight(
    answer("highlights", async ({ textDocument, position }: DocumentHighlightParams): Promise<DocumentHighlight[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return [];
      return referencesAt(analysis, offset(analysis.lines, position)).map((mention) => ({
        range: range(analysis.lines, mention),
        kind: mention.role === "reads" ? DocumentHighlightKind.Read : DocumentHighlightKind.Write,
      }));
    }),
  );
  return { referencesProvider: true, documentHighlightProvider: true };
}
