import { basename } from "node:path";
import { LSPErrorCodes, ResponseError, type ServerCapabilities } from "vscode-languageserver/node";
import { counted } from "../../src/text/words.ts";
import { positionAt } from "../../src/text/line-index.ts";
import { inputLayers } from "../../src/net/net.ts";
import type { Analysis } from "../../src/ide/analysis.ts";
import { isConvertible } from "../../src/ide/code-lens.ts";
import { weightsComment } from "../../src/ide/directives.ts";
import { shapesTable } from "../../src/ide/table.ts";
import { weightFindings } from "../../src/ide/weights.ts";
import { upgradeText } from "../../src/surgery/upgrade.ts";
import { openWeights } from "../../src/weights/open.ts";
import type { NetFacts, UpgradeResult, WeightsResult } from "../protocol.ts";
import type { Server } from "../server.ts";
import { wantedOf } from "../../src/weights/belongs.ts";
import { weightsPath } from "../weights.ts";

/** The requests behind the editor's commands that change nothing by themselves. */
export function commands({ connection, documents, answer }: Server): ServerCapabilities {
  const open = async (uri: string): Promise<Analysis> => {
    const analysis = await documents.analysis(uri);
    if (analysis === undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, "The file is not open.");
    return analysis;
  };
  connection.onRequest(
    "netsurgeon/net",
    answer("net", async ({ uri }: { uri: string }): Promise<NetFacts> => {
      const settings = await documents.settings(uri);
      const analysis = await open(uri);
      const facts = { patch: patchOf(analysis), error: firstError(analysis), canConvert: isConvertible(analysis) };
      const commented = weightsComment(analysis.document.tree)?.path;
      return { ...facts, weights: uri.startsWith("file:") ? await weightsPath(uri, { commented, wanted: wantedOf(analysis.shapes) }, settings) : undefined };
    }),
  );
  connection.onRequest(
    "netsurgeon/shapes",
    answer("shapes", async ({ uri }: { uri: string }): Promise<string> => shapesTable(await open(uri), basename(decodeURIComponent(uri)))),
  );
  connection.onRequest(
    "netsurgeon/upgrade",
    answer("upgrade", async ({ uri }: { uri: string }): Promise<UpgradeResult> => {
      const { edits, text, problems } = upgradeText((await open(uri)).document);
      const problem = problems.find((d) => d.severity === "error");
      return problem === undefined ? { text, changes: edits.length } : { refused: problem.message };
    }),
  );
  connection.onRequest(
    "netsurgeon/checkWeights",
    answer("check weights", async ({ uri, weights }: { uri: string; weights: string }): Promise<WeightsResult> => {
      const file = await openWeights(weights);
      const { verdict, diagnostics } = weightFindings(await open(uri), file);
      return { weights, verdict, findings: diagnostics.map(({ message }) => message) };
    }),
  );
  return {};
}

/** Rows and columns of a net's image input. */
export function patchOf({ net, shapes }: Analysis): readonly [number, number] | undefined {
  const input = inputLayers(net).flatMap((layer) => shapes.layers[layer.index]!.tops).find((shape) => shape?.length === 4);
  return input === undefined || Number.isNaN(input[2]!) || Number.isNaN(input[3]!) ? undefined : [input[2]!, input[3]!];
}

/** The first error of a net as a sentence with its line. */
export function firstError({ lines, document, net, shapes }: Analysis): string | undefined {
  const errors = [...document.diagnostics, ...net.diagnostics, ...shapes.diagnostics].filter((d) => d.severity === "error");
  const [first] = errors;
  if (first === undefined) return undefined;
  const more = errors.length > 1 ? ` (and ${counted(errors.length - 1, "more error")})` : "";
  return `Line ${positionAt(lines, first.start).line + 1}: ${first.message}${more}`;
}
