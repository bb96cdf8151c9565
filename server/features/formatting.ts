import type { DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, FormattingOptions, ServerCapabilities, TextEdit } from "vscode-languageserver/node";
import type { Range } from "../../src/text/edit.ts";
import type { Analysis } from "../../src/ide/analysis.ts";
import { format } from "../../src/prototxt/format.ts";
import { edits, offset, offsets } from "../convert.ts";
import type { Server } from "../server.ts";

/** An even layout: of the text, of some lines, and of a message as its brace is closed. */
export function formatting({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onDocumentFormatting(
    answer("formatting", async ({ textDocument, options }: DocumentFormattingParams): Promise<TextEdit[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      return analysis === undefined ? [] : formatted(analysis, options);
    }),
  );
  connection.onDocumentRangeFormatting(
    answer("formatting", async ({ textDocument, options, range }: DocumentRangeFormattingParams): Promise<TextEdit[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      return analysis === undefined ? [] : formatted(analysis, options, offsets(analysis.lines, range));
    }),
  );
  connection.onDocumentOnTypeFormatting(
    answer("formatting", async ({ textDocument, options, position }: DocumentOnTypeFormattingParams): Promise<TextEdit[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined || analysis.document.tree.errors.length > 0) return [];
      const at = offset(analysis.lines, position);
      const lineStart = analysis.text.lastIndexOf("\n", at - 1) + 1;
      return formatted(analysis, options, { start: lineStart, end: at - 1 });
    }),
  );
  return { documentFormattingProvider: true, documentRangeFormattingProvider: true, documentOnTypeFormattingProvider: { firstTriggerCharacter: "}" } };
}

function formatted(analysis: Analysis, { tabSize, insertSpaces }: FormattingOptions, range?: Range): TextEdit[] {
  return edits(analysis.lines, format(analysis.document.tree, { indent: insertSpaces ? " ".repeat(tabSize) : "\t" }, range));
}
