import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { LSPErrorCodes, ResponseError, WorkDoneProgress, type CancellationToken, type ServerCapabilities } from "vscode-languageserver/node";
import { writeFileAtomic } from "../../src/text/atomic.ts";
import { positionAt } from "../../src/text/line-index.ts";
import { shapeText } from "../../src/layers/shape.ts";
import { analyze } from "../../src/ide/analysis.ts";
import { convertNet, type Surgery } from "../../src/surgery/fully-convolutional.ts";
import { convertWeights, planWeights } from "../../src/surgery/weights.ts";
import { openWeights } from "../../src/weights/open.ts";
import type { ConvertParams, ConvertResult } from "../protocol.ts";
import type { Server } from "../server.ts";
import { patchOf } from "./commands.ts";

/** The conversion to a fully convolutional net, text and model, into new files. Nothing is overwritten that was not agreed to. */
export function convertCommand({ connection, documents, client, answer }: Server): ServerCapabilities {
  connection.onRequest(
    "netsurgeon/convert",
    answer("convert", async (params: ConvertParams, token: CancellationToken): Promise<ConvertResult> => {
      const settings = await documents.settings(params.uri);
      const document = documents.get(params.uri);
      if (document === undefined) throw new ResponseError(LSPErrorCodes.RequestFailed, "The file is not open.");
      if (!client().trusted) return { refused: "In a workspace that is not trusted, nothing is written." };
      // An analysis of its own: the user may go on typing while the model is written.
      const analysis = analyze(document.getText(), settings.analysis);
      const patch = patchOf(analysis);
      const { imageSize } = params;
      const surgery = convertNet(analysis.shapes, { inputSize: imageSize === undefined || patch === undefined ? undefined : [imageSize[0] + patch[0], imageSize[1] + patch[1]] });
      if ("refusals" in surgery) {
        const first = surgery.refusals[0]!;
        return { refused: `Line ${positionAt(analysis.lines, first.start).line + 1}: ${first.message}` };
      }
      const source = fileURLToPath(params.uri);
      for (const [target, from] of [[params.out, source], [params.outWeights, params.weights]] as const) {
        if (target === undefined) continue;
        if (from !== undefined && resolve(target) === resolve(from)) return { refused: `${target} is what is converted; it is not overwritten.` };
        if (!params.overwrite && existsSync(target)) return { refused: `${target} exists already.` };
      }
      if (params.weights !== undefined && params.outWeights !== undefined) await convertModel(params.weights, params.outWeights, surgery);
      if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      await writeFileAtomic(params.out, surgery.text);
      return { done: steps(surgery), obstacles: surgery.obstacles.map(({ message }) => message) };

      async function convertModel(weights: string, target: string, plan: Surgery): Promise<void> {
        const abort = new AbortController();
        token.onCancellationRequested(() => { abort.abort(); });
        const model = await openWeights(weights);
        const report = params.workDoneToken;
        await convertWeights(model, target, planWeights(model, analysis.shapes, plan), (done, total) => {
          if (report !== undefined) void connection.sendProgress(WorkDoneProgress.type, report, { kind: "report", percentage: Math.round((100 * done) / total) });
        }, abort.signal);
      }
    }),
  );
  return {};
}

function steps({ conversions, removals, pools, softmax }: Surgery): string[] {
  return [
    ...conversions.map(({ layer, name, from, to }) => `${layer.name} -> ${name}: ${shapeText(from)} -> ${shapeText(to)}`),
    ...removals.map((layer) => `${layer.name} (${layer.type}) removed`),
    ...pools.map(({ layer, kernel }) => `${layer.name}: pools over ${kernel[0]} x ${kernel[1]}`),
    ...(softmax === undefined ? [] : [`${softmax} (Softmax) added`]),
  ];
}
