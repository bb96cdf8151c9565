import { CodeActionKind, type CodeAction, type CodeActionParams, type ServerCapabilities, type WorkspaceEdit } from "vscode-languageserver/node";
import type { TextEdit } from "../../src/text/edit.ts";
import { actionsIn, fixAll, type Action } from "../../src/ide/actions.ts";
import type { Analysis } from "../../src/ide/analysis.ts";
import { edits, offsets, range } from "../convert.ts";
import type { Server } from "../server.ts";

const kinds: Readonly<Record<Action["kind"], string>> = { quickfix: CodeActionKind.QuickFix, refactor: CodeActionKind.RefactorRewrite, source: CodeActionKind.Source };

/** Fixes for findings, refactorings of layers, and all safe fixes at once. */
export function codeAction({ connection, documents, client, answer }: Server): ServerCapabilities {
  connection.onCodeAction(
    answer("code actions", async ({ textDocument, range: at, context }: CodeActionParams): Promise<CodeAction[]> => {
      const analysis = await documents.analysis(textDocument.uri);
      const document = documents.get(textDocument.uri);
      if (analysis === undefined || document === undefined) return [];
      const wanted = (kind: string): boolean => context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
      const versioned = { uri: textDocument.uri, version: document.version };
      const found: CodeAction[] = [];
      if (wanted(CodeActionKind.QuickFix) || wanted(CodeActionKind.RefactorRewrite)) {
        for (const action of actionsIn(analysis, offsets(analysis.lines, at))) {
          if (!wanted(kinds[action.kind]) || found.some(({ title }) => title === action.title)) continue;
          const { answers } = action;
          const same = answers === undefined ? [] : context.diagnostics.filter((d) => d.code === answers.code && isAt(d.range, range(analysis.lines, answers)));
          found.push({
            title: action.title,
            kind: kinds[action.kind],
            edit: workspaceEdit(analysis, versioned, action.edits, action.preview === true && client().annotations ? action.title : undefined),
            ...(same.length > 0 && { diagnostics: same }),
            ...(action.preferred === true && { isPreferred: true }),
          });
        }
      }
      if (context.only?.some((only) => CodeActionKind.SourceFixAll.startsWith(only) || only.startsWith(CodeActionKind.SourceFixAll)) === true) {
        const all = fixAll(analysis);
        if (all.length > 0) found.push({ title: "Fix all that is safe to fix", kind: `${CodeActionKind.SourceFixAll}.netsurgeon`, edit: workspaceEdit(analysis, versioned, all, undefined) });
      }
      return found;
    }),
  );
  return { codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, `${CodeActionKind.SourceFixAll}.netsurgeon`] } };
}

/** An edit of one text; with a label, the editor asks before it makes it. */
export function workspaceEdit(analysis: Analysis, document: { uri: string; version: number }, given: readonly TextEdit[], confirm: string | undefined): WorkspaceEdit {
  const changes = edits(analysis.lines, given);
  if (confirm === undefined) return { documentChanges: [{ textDocument: document, edits: changes }] };
  return {
    documentChanges: [{ textDocument: document, edits: changes.map((edit) => ({ ...edit, annotationId: "confirm" })) }],
    changeAnnotations: { confirm: { label: confirm, needsConfirmation: true } },
  };
}

function isAt(a: CodeActionParams["range"], b: CodeActionParams["range"]): boolean {
  return a.start.line === b.start.line && a.start.character === b.start.character && a.end.line === b.end.line && a.end.character === b.end.character;
}
