import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CancellationToken, ServerCapabilities, SymbolInformation, WorkspaceSymbolParams } from "vscode-languageserver/node";
import { analyze, type Analysis } from "../../src/ide/analysis.ts";
import { outline } from "../../src/ide/symbols.ts";
import { range } from "../convert.ts";
import type { Server } from "../server.ts";
import { symbolKinds } from "./document-symbol.ts";

/** How many files are looked into, how large they may be, and how many symbols are given. */
const MAX_FILES = 300;
const MAX_BYTES = 2_000_000;
const MAX_SYMBOLS = 500;

/** The layers of all nets in the workspace by name; texts that are open count as they stand in the editor. */
export function workspaceSymbol({ connection, documents, client, answer }: Server): ServerCapabilities {
  const cache = new Map<string, { readonly modified: number; readonly symbols: readonly SymbolInformation[] }>();
  connection.onWorkspaceSymbol(
    answer("workspace symbols", async ({ query }: WorkspaceSymbolParams, token: CancellationToken): Promise<SymbolInformation[]> => {
      const found: SymbolInformation[] = [];
      const letters = query.toLowerCase();
      const add = (symbols: readonly SymbolInformation[]): void => void found.push(...symbols.filter(({ name }) => name.toLowerCase().includes(letters)));
      const open = new Set(documents.all().map(({ uri }) => uri));
      for (const uri of open) {
        const analysis = await documents.analysis(uri);
        if (analysis !== undefined) add(symbolsOf(uri, analysis));
      }
      if (!client().trusted) return found;
      for (const path of await netsBelow(client().folders)) {
        if (token.isCancellationRequested || found.length > MAX_SYMBOLS) break;
        const uri = pathToFileURL(path).href;
        if (open.has(uri)) continue;
        const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: Infinity }));
        if (size > MAX_BYTES) continue;
        let known = cache.get(path);
        if (known?.modified !== mtimeMs) cache.set(path, (known = { modified: mtimeMs, symbols: symbolsOf(uri, analyze(await readFile(path, "utf8").catch(() => ""))) }));
        add(known.symbols);
      }
      return found.slice(0, MAX_SYMBOLS);
    }),
  );
  return { workspaceSymbolProvider: true };
}

function symbolsOf(uri: string, analysis: Analysis): SymbolInformation[] {
  return outline(analysis)
    .filter(({ kind }) => kind === "layer" || kind === "data" || kind === "loss")
    .map(({ name, detail, kind, at }) => ({ name, kind: symbolKinds[kind], location: { uri, range: range(analysis.lines, at) }, containerName: detail }));
}

async function netsBelow(folders: readonly string[]): Promise<string[]> {
  const queue = folders.filter((uri) => uri.startsWith("file:")).map((uri) => fileURLToPath(uri));
  const found: string[] = [];
  for (let looked = 0; queue.length > 0 && found.length < MAX_FILES && looked < 2000; looked++) {
    const folder = queue.shift()!;
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") queue.push(join(folder, entry.name));
      else if (entry.isFile() && entry.name.endsWith(".prototxt")) found.push(join(folder, entry.name));
    }
  }
  return found.slice(0, MAX_FILES);
}
