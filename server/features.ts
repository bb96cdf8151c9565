import type { ServerCapabilities } from "vscode-languageserver/node";
import { callHierarchy } from "./features/call-hierarchy.ts";
import { codeAction } from "./features/code-action.ts";
import { codeLens } from "./features/code-lens.ts";
import { commands } from "./features/commands.ts";
import { completion } from "./features/completion.ts";
import { convertCommand } from "./features/convert-command.ts";
import { definition } from "./features/definition.ts";
import { documentLink } from "./features/document-link.ts";
import { documentSymbol } from "./features/document-symbol.ts";
import { foldingRange } from "./features/folding-range.ts";
import { formatting } from "./features/formatting.ts";
import { hover } from "./features/hover.ts";
import { inlayHint } from "./features/inlay-hint.ts";
import { references } from "./features/references.ts";
import { rename } from "./features/rename.ts";
import { selectionRange } from "./features/selection-range.ts";
import { semanticTokens } from "./features/semantic-tokens.ts";
import { workspaceSymbol } from "./features/workspace-symbol.ts";
import type { Server } from "./server.ts";

/** What the server can do: each registers what it answers and says so to the editor. Adding one is adding its file and a line here. */
export const features: readonly ((server: Server) => ServerCapabilities)[] = [
  hover,
  completion,
  inlayHint,
  codeLens,
  codeAction,
  definition,
  references,
  rename,
  documentSymbol,
  workspaceSymbol,
  foldingRange,
  selectionRange,
  semanticTokens,
  documentLink,
  formatting,
  callHierarchy,
  commands,
  convertCommand,
];
