import {
  LSPErrorCodes, ResponseError, TextDocumentSyncKind, type CancellationToken, type Connection, type InitializeParams, type ServerCapabilities,
} from "vscode-languageserver/node";
import { Failure, sentence } from "../src/text/failure.ts";
import { openDocuments, type Documents } from "./documents.ts";
import { features } from "./features.ts";
import { startValidation } from "./validation.ts";
import type { Client } from "./protocol.ts";

/** What a feature works with. */
export interface Server {
  readonly connection: Connection;
  readonly documents: Documents;
  /** What the editor can do and allows; known once it has introduced itself. */
  readonly client: () => Client;
  /** Wraps what answers a request: stale requests are refused, a defect answers with an error and is logged. */
  readonly answer: <P, R>(name: string, work: (params: P, token: CancellationToken) => R | Promise<R>) => (params: P, token: CancellationToken) => Promise<R>;
}

/** Serves the language to whoever is at the other end of a connection. The caller makes it listen; `rules` is where docs/rules.md is, unless the editor says. */
export function startServer(connection: Connection, rules?: string): void {
  let client: Client = noClient;
  const documents = openDocuments(connection, () => client);
  const server: Server = { connection, documents, client: () => client, answer: (name, work) => guarded(connection, name, work) };
  const capabilities: ServerCapabilities = { textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental } };
  for (const feature of features) Object.assign(capabilities, feature(server));
  startValidation(server);
  connection.onInitialize((params) => {
    client = clientOf(params, rules);
    return { capabilities, serverInfo: { name: "Net Surgeon" } };
  });
  connection.onInitialized(() => { documents.watchSettings(); });
  documents.listen();
}

/** An error in one request stays in that request. */
function guarded<P, R>(connection: Connection, name: string, work: (params: P, token: CancellationToken) => R | Promise<R>) {
  return async (params: P, token: CancellationToken): Promise<R> => {
    // One turn of the loop lets a cancellation or an edit that is already in the pipe come first.
    await new Promise(setImmediate);
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
    try {
      return await work(params, token);
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      if (error instanceof Failure) throw new ResponseError(error.kind === "cancelled" ? LSPErrorCodes.RequestCancelled : LSPErrorCodes.RequestFailed, sentence(error));
      logDefect(connection, name, error);
      throw new ResponseError(LSPErrorCodes.RequestFailed, `Net Surgeon could not answer '${name}'; its log says why.`);
    }
  };
}

/** Writes a defect of the server itself to its log, if anyone still reads it. */
export function logDefect(connection: Connection, what: string, error: unknown): void {
  try {
    connection.console.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } catch {
    // The editor has gone while work for it was under way.
  }
}

const noClient: Client = { configuration: false, annotations: false, snippets: false, commands: false, trusted: false, folders: [], settings: undefined, rules: undefined };

function clientOf({ capabilities, initializationOptions, workspaceFolders }: InitializeParams, rules: string | undefined): Client {
  const options = (initializationOptions ?? {}) as { commands?: boolean; trusted?: boolean; settings?: unknown; rules?: string };
  return {
    configuration: capabilities.workspace?.configuration === true,
    annotations: capabilities.workspace?.workspaceEdit?.changeAnnotationSupport !== undefined && capabilities.workspace.workspaceEdit.documentChanges === true,
    snippets: capabilities.textDocument?.completion?.completionItem?.snippetSupport === true,
    commands: options.commands === true,
    // Editors without a notion of trust open what the user opens.
    trusted: options.trusted !== false,
    folders: workspaceFolders?.map(({ uri }) => uri) ?? [],
    settings: options.settings,
    rules: options.rules ?? rules,
  };
}
