import type { Hover, HoverParams, ServerCapabilities } from "vscode-languageserver/node";
import { hoverAt } from "../../src/ide/hover.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";

/** What is known of the word under the pointer. */
export function hover({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onHover(
    answer("hover", async ({ textDocument, position }: HoverParams): Promise<Hover | null> => {
      const analysis = await documents.analysis(textDocument.uri);
      const found = analysis === undefined ? undefined : hoverAt(analysis, offset(analysis.lines, position));
      return analysis === undefined || found === undefined ? null : { contents: { kind: "markdown", value: found.markdown }, range: range(analysis.lines, found) };
    }),
  );
  return { hoverProvider: true };
}
