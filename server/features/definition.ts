import type { DefinitionParams, LocationLink, ServerCapabilities } from "vscode-languageserver/node";
import { definitionAt } from "../../src/ide/navigation.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";

/** The layer that makes a blob. */
export function definition({ connection, documents, answer }: Server): ServerCapabilities {
  connection.onDefinition(
    answer("definition", async ({ textDocument, position }: DefinitionParams): Promise<LocationLink[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      const found = analysis === undefined ? undefined : definitionAt(analysis, offset(analysis.lines, position));
      if (analysis === undefined || found === undefined) return [];
      const { lines } = analysis;
      return [{ originSelectionRange: range(lines, found.from), targetUri: textDocument.uri, targetRange: range(lines, found.whole), targetSelectionRange: range(lines, found.to) }];
    }),
  );
  return { definitionProvider: true };
}
