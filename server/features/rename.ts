import { LSPErrorCodes, MessageType, ResponseError, ShowMessageNotification, type PrepareRenameParams, type Range, type RenameParams, type ServerCapabilities, type WorkspaceEdit } from "vscode-languageserver/node";
import { renamable, renameAt } from "../../src/ide/rename.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";
import { workspaceEdit } from "./code-action.ts";

/** A new name for a blob, a layer or shared values. Where weights depend on the name, the editor asks first. */
export function rename({ connection, documents, client, answer }: Server): ServerCapabilities {
  connection.onPrepareRename(
    answer("prepare rename", async ({ textDocument, position }: PrepareRenameParams): Promise<{ range: Range; placeholder: string } | null> => {
      const analysis = await documents.analysis(textDocument.uri);
      const found = analysis === undefined ? undefined : renamable(analysis, offset(analysis.lines, position));
      return analysis === undefined || found === undefined ? null : { range: range(analysis.lines, found), placeholder: found.name };
    }),
  );
  connection.onRenameRequest(
    answer("rename", async ({ textDocument, position, newName }: RenameParams): Promise<WorkspaceEdit | null> => {
      const analysis = await documents.analysis(textDocument.uri);
      const document = documents.get(textDocument.uri);
      const found = analysis === undefined ? undefined : renameAt(analysis, offset(analysis.lines, position), newName);
      if (analysis === undefined || document === undefined || found === undefined) return null;
      if ("refused" in found) throw new ResponseError(LSPErrorCodes.RequestFailed, found.refused);
      if (found.warning !== undefined && !client().annotations) void connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message: found.warning });
      return workspaceEdit(analysis, { uri: textDocument.uri, version: document.version }, found.edits, client().annotations ? found.warning : undefined);
    }),
  );
  return { renameProvider: { prepareProvider: true } };
}
