import { CompletionItemKind, CompletionItemTag, InsertTextFormat, type CompletionItem, type CompletionList, type CompletionParams, type ServerCapabilities } from "vscode-languageserver/node";
import { completionDoc, completionsAt, type Completion } from "../../src/ide/completion.ts";
import { offset, range } from "../convert.ts";
import type { Server } from "../server.ts";

const kinds: Readonly<Record<Completion["kind"], CompletionItemKind>> = {
  field: CompletionItemKind.Field,
  message: CompletionItemKind.Struct,
  "enum-value": CompletionItemKind.EnumMember,
  "layer-type": CompletionItemKind.Class,
  blob: CompletionItemKind.Variable,
  value: CompletionItemKind.Value,
  snippet: CompletionItemKind.Snippet,
  directive: CompletionItemKind.Keyword,
};

/** What may be written here; the documentation follows when a suggestion is looked at. */
export function completion({ connection, documents, client, answer }: Server): ServerCapabilities {
  connection.onCompletion(
    answer("completion", async ({ textDocument, position }: CompletionParams): Promise<CompletionList | null> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return null;
      const { snippets, commands } = client();
      const items = completionsAt(analysis, offset(analysis.lines, position)).map((found): CompletionItem => ({
        label: found.label,
        kind: kinds[found.kind],
        labelDetails: { description: found.detail.length > 60 ? `${found.detail.slice(0, 59)}…` : found.detail },
        sortText: String(found.order).padStart(5, "0"),
        filterText: found.kind === "directive" ? ` ${found.label}` : found.label,
        insertTextFormat: snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
        textEdit: { range: range(analysis.lines, found.replace), newText: snippets ? found.insert : plain(found.insert) },
        ...(found.deprecated === true && { tags: [CompletionItemTag.Deprecated] }),
        ...(found.suggestNext === true && commands && { command: { title: "Suggest", command: "editor.action.triggerSuggest" } }),
        data: { uri: textDocument.uri, doc: found.doc },
      }));
      return { isIncomplete: false, items };
    }),
  );
  connection.onCompletionResolve(
    answer("completion/resolve", async (item: CompletionItem): Promise<CompletionItem> => {
      const { uri, doc } = item.data as { uri: string; doc: string };
      const analysis = await documents.analysis(uri);
      const value = analysis === undefined ? "" : completionDoc(analysis, doc);
      return value === "" ? item : { ...item, documentation: { kind: "markdown", value } };
    }),
  );
  return { completionProvider: { triggerCharacters: ['"', "'", ":", " ", "#"], resolveProvider: true, completionItem: { labelDetailsSupport: true } } };
}

/** A snippet as text, for editors without snippets: choices become their first, places their text, also where they are repeated. */
function plain(snippet: string): string {
  const texts = new Map<string, string>();
  for (const [, number, text = ""] of snippet.matchAll(/\$\{(\d+):((?:\\.|[^}\\])*)\}/g)) texts.set(number!, text);
  return snippet
    .replace(/\$\{\d+\|([^,|]*)[^}]*\|\}/g, "$1")
    .replace(/\$\{(\d+):(?:\\.|[^}\\])*\}|\$\{(\d+)\}|(?<!\\)\$(\d+)/g, (_, ...numbers: (string | undefined)[]) => texts.get(numbers.slice(0, 3).find((n) => n !== undefined)!) ?? "")
    .replace(/\\([$}\\])/g, "$1");
}
