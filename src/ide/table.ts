import { bytes, count } from "../text/words.ts";
import { shapeText } from "../layers/shape.ts";
import type { Analysis } from "./analysis.ts";
import { netFacts, pairText } from "./facts.ts";
import { markdownText } from "./markdown.ts";

/** Every layer with what it makes, learns, costs and sees, as a table of Markdown under the net's totals. */
export function shapesTable(analysis: Analysis, title: string): string {
  const { net, shapes, cost, fields, document } = analysis;
  const head = ["layer", "type", "output", "learned", "parameters", "multiply-adds", "activations", "field", "stride"];
  const number = (value: number, text: (n: number) => string): string => (value === 0 ? "" : text(value));
  const rows = net.layers.map((layer, i) => {
    const { parameters, multiplyAdds, activationBytes } = cost.layers[i]!;
    const field = fields[i]?.[0];
    const seen = field !== undefined && Number.isFinite(field.size[0]);
    return [
      layer.name,
      layer.type,
      shapes.layers[i]!.tops.map((shape) => shapeText(shape)).join(", "),
      shapes.layers[i]!.params.map((shape) => shapeText(shape)).join(", "),
      number(parameters, count),
      number(multiplyAdds, count),
      number(activationBytes, bytes),
      seen ? pairText(field.size) : "",
      seen ? pairText(field.stride) : "",
    ];
  });
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(" | ")} |`;
  const read = document.dialect.name === "bvlc" ? "" : `\n\nRead as ${document.schema.title}: ${document.dialect.because}.`;
  return [
    `# ${markdownText(title)}`,
    "",
    `${netFacts(analysis)}${cost.total.activationBytes > 0 ? ` · ${bytes(cost.total.activationBytes)} of activations` : ""}. Phase ${net.state.phase}.${read}`,
    "",
    line(head),
    "|---|---|---|---|--:|--:|--:|--:|--:|",
    ...rows.map(line),
    "",
  ].join("\n");
}
