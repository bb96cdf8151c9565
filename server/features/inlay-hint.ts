import type { InlayHint, InlayHintParams, ServerCapabilities } from "vscode-languageserver/node";
import { inlayHints } from "../../src/ide/inlay-hints.ts";
import { offsets, position } from "../convert.ts";
import type { Server } from "../server.ts";

/** Shapes beside the tops. */
export function inlayHint({ connection, documents, answer }: Server): ServerCapabilities {
  connection.languages.inlayHint.on(
    answer("inlay hints", async ({ textDocument, range }: InlayHintParams): Promise<InlayHint[]> => {
      const { inlayShapes } = await documents.settings(textDocument.uri);
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined || inlayShapes === "off") return [];
      return inlayHints(analysis, offsets(analysis.lines, range), inlayShapes).map(({ offset, label, tooltip }) => ({
        position: position(analysis.lines, offset),
        label,
        paddingLeft: true,
        tooltip: { kind: "markdown", value: tooltip },
      }));
    }),
  );
  documents.onSettings(() => { connection.languages.inlayHint.refresh().catch(() => undefined); });
  return { inlayHintProvider: true };
}
