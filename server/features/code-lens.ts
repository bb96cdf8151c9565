import { CodeLensRefreshRequest, type CodeLens, type CodeLensParams, type ServerCapabilities } from "vscode-languageserver/node";
import { lenses, type Lens } from "../../src/ide/code-lens.ts";
import { range } from "../convert.ts";
import type { Server } from "../server.ts";

const commandOf: Readonly<Record<Lens["action"], string>> = { "show-shapes": "netsurgeon.showShapes", convert: "netsurgeon.convert", preview: "netsurgeon.preview", upgrade: "netsurgeon.upgrade" };

/** The net's totals above its first line, and what can be done with it. */
export function codeLens({ connection, documents, client, answer }: Server): ServerCapabilities {
  connection.onCodeLens(
    answer("code lens", async ({ textDocument }: CodeLensParams): Promise<CodeLens[]> => {
      const settings = await documents.settings(textDocument.uri);
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined || !settings.codeLens) return [];
      const shown = client().commands ? lenses(analysis) : lenses(analysis).filter(({ action }) => action === "show-shapes");
      return shown.map(({ title, action, ...at }) => ({
        range: range(analysis.lines, at),
        command: { title, command: client().commands ? commandOf[action] : "", ...(client().commands && { arguments: [textDocument.uri] }) },
      }));
    }),
  );
  documents.onSettings(() => { connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined); });
  return { codeLensProvider: {} };
}
