import { stat } from "node:fs/promises";
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { DocumentLink, DocumentLinkParams, ServerCapabilities } from "vscode-languageserver/node";
import { pathsIn } from "../../src/ide/links.ts";
import { range } from "../convert.ts";
import type { Server } from "../server.ts";

/** The files that a text names, where they exist: beside the text, or in a folder of the workspace. */
export function documentLink({ connection, documents, client, answer }: Server): ServerCapabilities {
  connection.onDocumentLinks(
    answer("links", async ({ textDocument: { uri } }: DocumentLinkParams): Promise<DocumentLink[]> => {
      const analysis = await documents.analysis(uri);
      if (analysis === undefined || !uri.startsWith("file:") || !client().trusted) return [];
      const folders = [dirname(fileURLToPath(uri)), ...client().folders.filter((folder) => folder.startsWith("file:")).map((folder) => fileURLToPath(folder))];
      const links = await Promise.all(
        pathsIn(analysis).slice(0, 200).map(async ({ path, ...at }): Promise<DocumentLink | undefined> => {
          const target = await firstFile(isAbsolute(path) ? [path] : folders.map((folder) => resolve(folder, path)));
          return target === undefined ? undefined : { range: range(analysis.lines, at), target: pathToFileURL(target).href };
        }),
      );
      return links.filter((link) => link !== undefined);
    }),
  );
  return { documentLinkProvider: {} };
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await stat(path).then((found) => found.isFile(), () => false)) return path;
  return undefined;
}
