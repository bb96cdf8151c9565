import { SemanticTokensBuilder, type SemanticTokens, type SemanticTokensDelta, type SemanticTokensDeltaParams, type SemanticTokensParams, type SemanticTokensRangeParams, type ServerCapabilities } from "vscode-languageserver/node";
import type { Range } from "../../src/text/edit.ts";
import type { Analysis } from "../../src/ide/analysis.ts";
import { semanticModifiers, semanticTokens as tokensIn, semanticTypes } from "../../src/ide/semantic-tokens.ts";
import { offsets, position } from "../convert.ts";
import type { Server } from "../server.ts";

/** What the words mean: whole, as a change to what was sent last, and for the lines in sight. */
export function semanticTokens({ connection, documents, answer }: Server): ServerCapabilities {
  const builders = new Map<string, SemanticTokensBuilder>();
  documents.onClose((uri) => { builders.delete(uri); });
  const builderOf = (uri: string): SemanticTokensBuilder => {
    let builder = builders.get(uri);
    if (builder === undefined) builders.set(uri, (builder = new SemanticTokensBuilder()));
    return builder;
  };
  connection.languages.semanticTokens.on(
    answer("semantic tokens", async ({ textDocument }: SemanticTokensParams): Promise<SemanticTokens> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return { data: [] };
      const builder = builderOf(textDocument.uri);
      builder.previousResult("");
      return push(builder, analysis).build();
    }),
  );
  connection.languages.semanticTokens.onDelta(
    answer("semantic tokens", async ({ textDocument, previousResultId }: SemanticTokensDeltaParams): Promise<SemanticTokens | SemanticTokensDelta> => {
      const analysis = await documents.analysis(textDocument.uri);
      if (analysis === undefined) return { data: [] };
      const builder = builderOf(textDocument.uri);
      builder.previousResult(previousResultId);
      return push(builder, analysis).buildEdits();
    }),
  );
  connection.languages.semanticTokens.onRange(
    answer("semantic tokens", async ({ textDocument, range }: SemanticTokensRangeParams): Promise<SemanticTokens> => {
      const analysis = await documents.analysis(textDocument.uri);
      return analysis === undefined ? { data: [] } : push(new SemanticTokensBuilder(), analysis, offsets(analysis.lines, range)).build();
    }),
  );
  return { semanticTokensProvider: { legend: { tokenTypes: [...semanticTypes], tokenModifiers: [...semanticModifiers] }, full: { delta: true }, range: true } };
}

function push(builder: SemanticTokensBuilder, analysis: Analysis, within?: Range): SemanticTokensBuilder {
  for (const { start, end, type, modifiers } of tokensIn(analysis, within)) {
    const { line, character } = position(analysis.lines, start);
    const bits = modifiers.reduce((all, modifier) => all | (1 << semanticModifiers.indexOf(modifier)), 0);
    builder.push(line, character, end - start, semanticTypes.indexOf(type), bits);
  }
  return builder;
}
