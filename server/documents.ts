import { DidChangeConfigurationNotification, TextDocuments, type Connection } from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { useLimits } from "../src/text/limits.ts";
import { analyze, type Analysis } from "../src/ide/analysis.ts";
import type { Client } from "./protocol.ts";
import { readSettings, type Settings } from "./settings.ts";

/** The open texts, each analysed once per version. */
export interface Documents {
  readonly all: () => readonly TextDocument[];
  get(uri: string): TextDocument | undefined;
  /**
   * The analysis of the present version; undefined for a text that is not open. It is used up by the next version's: take what is needed of it before
   * waiting for anything.
   */
  analysis(uri: string): Promise<Analysis | undefined>;
  settings(uri: string): Promise<Settings>;
  onChange(listener: (document: TextDocument) => void): void;
  onClose(listener: (uri: string) => void): void;
  /** All settings may have changed. */
  onSettings(listener: () => void): void;
  watchSettings(): void;
  listen(): void;
}

export function openDocuments(connection: Connection, client: () => Client): Documents {
  const documents = new TextDocuments(TextDocument);
  const settings = new Map<string, Promise<Settings>>();
  const analyses = new Map<string, { readonly version: number; readonly settings: Settings; readonly analysis: Analysis }>();
  const listeners: (() => void)[] = [];
  let pushed: unknown;

  const settingsOf = (uri: string): Promise<Settings> => {
    let known = settings.get(uri);
    if (known === undefined) {
      known = client().configuration
        ? connection.workspace.getConfiguration({ scopeUri: uri, section: "netsurgeon" }).then(readSettings, () => readSettings(undefined))
        : Promise.resolve(readSettings(pushed ?? client().settings));
      settings.set(uri, known);
    }
    return known;
  };
  documents.onDidClose(({ document }) => {
    settings.delete(document.uri);
    analyses.delete(document.uri);
  });
  return {
    all: () => documents.all(),
    get: (uri) => documents.get(uri),
    settings: settingsOf,
    async analysis(uri) {
      const current = await settingsOf(uri);
      const document = documents.get(uri);
      if (document === undefined) return undefined;
      const known = analyses.get(uri);
      if (known?.version === document.version && known.settings === current) return known.analysis;
      // Should this one fail, the one before is used up all the same.
      analyses.delete(uri);
      // They are the user's, the same for all texts.
      useLimits(current.limits);
      const analysis = analyze(document.getText(), current.analysis, known?.analysis);
      analyses.set(uri, { version: document.version, settings: current, analysis });
      return analysis;
    },
    onChange: (listener) => void documents.onDidChangeContent(({ document }) => { listener(document); }),
    onClose: (listener) => void documents.onDidClose(({ document }) => { listener(document.uri); }),
    onSettings: (listener) => void listeners.push(listener),
    watchSettings() {
      if (client().configuration) void connection.client.register(DidChangeConfigurationNotification.type, { section: "netsurgeon" }).catch(() => undefined);
    },
    listen() {
      connection.onDidChangeConfiguration(({ settings: given }) => {
        pushed = (given as { netsurgeon?: unknown } | null | undefined)?.netsurgeon;
        settings.clear();
        // A text is to be read anew under other limits.
        analyses.clear();
        for (const listener of listeners) listener();
      });
      documents.listen(connection);
    },
  };
}
