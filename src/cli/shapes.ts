import { Command, Option } from "commander";
import { bytes, count } from "../text/words.ts";
import { isKnown, shapeText, type Shape } from "../layers/shape.ts";
import { netCost } from "../net/cost.ts";
import { receptiveFields } from "../net/reach.ts";
import type { NetShapes } from "../net/shapes.ts";
import { compareWeights } from "../ide/weights.ts";
import { openWeights } from "../weights/open.ts";
import { exitCodes } from "./exit-codes.ts";
import { readNetFile, shapesOf, type NetOptions } from "./net-file.ts";
import { netOptions } from "./options.ts";
import { diagnosticLines, say, sayJson, styled, table, warn } from "./print.ts";
import { pair, totals } from "./totals.ts";

interface ShapesOptions extends NetOptions {
  readonly format: "table" | "json" | "csv";
  readonly weights?: string;
}

/** `netsurgeon shapes FILE` */
export function shapesCommand(): Command {
  const command = new Command("shapes")
    .description("Lists every layer with the shapes of its tops and weights, parameters, multiply-adds and receptive field.")
    .argument("<file>", "a prototxt")
    .addOption(
      new Option("--format <format>", "table to read, json and csv for programs").choices(["table", "json", "csv"]).default("table"),
    )
    .option("--weights <model>", "a .caffemodel whose blobs must fit the net");
  return netOptions(command)
    .addHelpText("after", "\nExample:\n  $ netsurgeon shapes train_val.prototxt --phase train --format csv > costs.csv")
    .action(showShapes);
}

async function showShapes(file: string, options: ShapesOptions): Promise<void> {
  const document = await readNetFile(file, options);
  const shapes = await shapesOf(document, options);
  // An unknown type is no error, but why shapes are missing.
  const errors = [...document.diagnostics, ...shapes.net.diagnostics, ...shapes.diagnostics].filter(
    (d) => d.severity === "error" || d.code === "unknown-layer-type",
  );
  if (options.format === "json") sayJson(layersAsJson(shapes), 1);
  else if (options.format === "csv") say(csv(shapes));
  else {
    say(asTable(shapes));
    say(styled("gray", totals(shapes)));
    if (document.dialect.name !== "bvlc") say(styled("gray", `read as ${document.dialect.name}: ${document.dialect.because}`));
  }
  if (options.weights !== undefined)
    errors.push(...compareWeights(shapes, await openWeights(options.weights)).diagnostics.filter((d) => d.severity !== "information"));
  for (const line of diagnosticLines(file, document, errors)) warn(line);
  process.exitCode = errors.length > 0 ? exitCodes.findings : exitCodes.ok;
}

/** The layers in Caffe's order after its upgrades; unknown shapes and dimensions are null. */
function layersAsJson(shapes: NetShapes): unknown[] {
  const { layers } = netCost(shapes);
  const fields = receptiveFields(shapes);
  const shapeJson = (shape: Shape | undefined): unknown => shape?.map((d) => (isKnown(d) ? d : null)) ?? null;
  return shapes.net.layers.map((layer, i) => {
    const field = fields[i]![0];
    const finite = field !== undefined && Number.isFinite(field.size[0]);
    return {
      name: layer.name,
      type: layer.type,
      bottoms: layer.bottomNames,
      tops: layer.tops.map((blob) => blob.name),
      top_shapes: shapes.layers[i]!.tops.map(shapeJson),
      param_shapes: shapes.layers[i]!.params.map(shapeJson),
      parameters: layers[i]!.parameters,
      multiply_adds: layers[i]!.multiplyAdds,
      activation_bytes: layers[i]!.activationBytes,
      receptive_field: finite ? field.size : null,
      stride: finite ? field.stride : null,
    };
  });
}

const titles = ["layer", "type", "top", "weights", "parameters", "multiply-adds", "activations", "field", "stride"];

function rowsOf(shapes: NetShapes): string[][] {
  const { layers } = netCost(shapes);
  const fields = receptiveFields(shapes);
  return shapes.net.layers.map((layer, i) => {
    const { tops, params } = shapes.layers[i]!;
    const field = fields[i]![0];
    const finite = field !== undefined && Number.isFinite(field.size[0]);
    const { parameters, multiplyAdds, activationBytes } = layers[i]!;
    return [
      layer.name,
      layer.type,
      tops.map((shape) => shapeText(shape)).join(", "),
      params.map((shape) => shapeText(shape)).join(", "),
      parameters === 0 ? "" : count(parameters),
      multiplyAdds === 0 ? "" : count(multiplyAdds),
      activationBytes === 0 ? "" : bytes(activationBytes),
      finite ? pair(field.size) : "",
      finite ? pair(field.stride) : "",
    ];
  });
}

function asTable(shapes: NetShapes): string {
  return table([titles, ...rowsOf(shapes)], [4, 5, 6, 7, 8]);
}

/** Comma-separated values; cells that need it are quoted. A cell never begins with `=`, `+`, `-` or `@`, which spreadsheets would run. */
function csv(shapes: NetShapes): string {
  const { layers } = netCost(shapes);
  const rows = rowsOf(shapes).map((row, i) =>
    [...row.slice(0, 4), layers[i]!.parameters, layers[i]!.multiplyAdds, layers[i]!.activationBytes, ...row.slice(7)].map(String),
  );
  const cell = (text: string): string => {
    const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [titles, ...rows].map((row) => row.map(cell).join(",")).join("\n");
}
