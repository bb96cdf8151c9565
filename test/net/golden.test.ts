import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { shapeText } from "../../src/layers/shape.ts";
import { netCost } from "../../src/net/cost.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import type { NetState } from "../../src/net/phase.ts";
import { receptiveFields, type ReceptiveField } from "../../src/net/reach.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { checkGolden, fixtures } from "../support/annotations.ts";

/** A net in one state as a table: shapes, learned blobs, costs and receptive fields of each layer. */
function table(text: string, state: Partial<NetState>): string {
  const shapes = inferShapes(readNet(readDocument(text), state));
  const [cost, fields] = [netCost(shapes), receptiveFields(shapes)];
  const rows = shapes.net.layers.map((layer, i) => {
    const { tops, params } = shapes.layers[i]!;
    const made = layer.tops.map((blob, top) => `${blob.name} ${shapeText(tops[top])}${fieldText(fields[i]![top])}`);
    const { parameters, multiplyAdds, activationBytes } = cost.layers[i]!;
    const learned = params.length === 0 ? [] : [`  learns ${params.map((shape) => shapeText(shape)).join(" | ")}: ${parameters}`];
    return [`${layer.name} ${layer.type} ${layer.phase}`, `  reads ${layer.bottomNames.join(" ")}`, ...made.map((one) => `  makes ${one}`), ...learned, `  costs ${multiplyAdds}, ${activationBytes} bytes`].join("\n");
  });
  const findings = [...shapes.net.document.diagnostics, ...shapes.net.diagnostics, ...shapes.diagnostics].map((d) => `! ${d.severity} ${d.code}: ${d.message}`);
  const { parameters, multiplyAdds, activationBytes } = cost.total;
  return `${[...rows, `total ${parameters} parameters, ${multiplyAdds} multiply-adds, ${activationBytes} bytes`, ...findings].join("\n")}\n`;
}

function fieldText(field: ReceptiveField | undefined): string {
  return field === undefined ? "" : `, field ${field.size.join(" x ")} stride ${field.stride.join(" x ")} from ${field.offset.join(" ")}`;
}

const states: Readonly<Record<string, readonly Partial<NetState>[]>> = {
  phases: [{ phase: "TRAIN" }, { phase: "TRAIN", level: 1 }, { phase: "TEST" }, { phase: "TEST", level: 3, stages: ["deploy"] }],
};

describe("nets have the shapes, costs and fields of their golden tables", () => {
  test.each(fixtures("net"))("%s", (name, path) => {
    const text = readFileSync(path, "utf8");
    for (const state of states[name] ?? [{}]) {
      const suffix = [state.phase, state.level, ...(state.stages ?? [])].filter((part) => part !== undefined).join("-");
      checkGolden(path.replace(/\.prototxt$/, `${suffix === "" ? "" : `.${suffix}`}.txt`), table(text, state));
    }
  });
});
