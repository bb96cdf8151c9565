import { FoldingRangeKind, type FoldingRange, type FoldingRangeParams, type ServerCapabilities } from "vscode-languageserver/node";
import { folds } from "../../src/ide/folding.ts";
import type { Server } from "../server.ts";

/** What folds. */
export function foldingRange({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onFoldingRanges(
    answer("folding", async ({ textDocument }: FoldingRangeParams): Promise<FoldingRange[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return [];
      return folds(analysis).map(({ startLine, endLine, kind }) => ({
        startLine,
        // The closing brace stays in sight.
        endLine: kind === "message" ? Math.max(startLine, endLine - 1) : endLine,
        ...(kind !== "message" && { kind: kind === "comment" ? FoldingRangeKind.Comment : FoldingRangeKind.Region }),
      }));
    }),
  );
  return { foldingRangeProvider: true };
}
