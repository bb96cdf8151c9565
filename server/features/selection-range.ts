import type { SelectionRange, SelectionRangeParams, ServerCapabilities } from "vscode-languageserver/node";
import { selectionSteps } from "../../src/ide/folding.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";

/** What a selection grows to. */
export function selectionRange({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onSelectionRanges(
    answer("selection ranges", async ({ textDocument, positions }: SelectionRangeParams): Promise<SelectionRange[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return [];
      return positions.map((position) =>
        selectionSteps(analysis, offset(analysis.lines, position)).reduceRight<SelectionRange | undefined>(
          (parent, step) => ({ range: range(analysis.lines, step), ...(parent !== undefined && { parent }) }),
          undefined,
        )!,
      );
    }),
  );
  return { selectionRangeProvider: true };
}
