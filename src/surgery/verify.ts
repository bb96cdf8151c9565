import type { Diagnostic } from "../text/diagnostic.ts";
import { shapesDiffer, shapeText, type Shape } from "../layers/shape.ts";
import { lintShapes } from "../lint/lint.ts";
import { readDocument } from "../net/document.ts";
import { inputLayers, placeIn, readNet, type Layer, type Net } from "../net/net.ts";
import { outputField } from "../net/reach.ts";
import { inferShapes, type NetShapes } from "../net/shapes.ts";
import type { Plan } from "./plan.ts";

/** The converted text as a net, on an input of the patch's size. */
export function readAgain(before: NetShapes, text: string): NetShapes {
  return inferShapes(readNet(readDocument(text, { dialect: before.net.dialect }), before.net.state), { inputs: inputsOf(before, 0, 0) });
}

/** The surgery checked on its own result: no errors, the weights that were planned, and all other weights as they were. */
export function verify(before: NetShapes, converted: NetShapes, plan: Plan): Diagnostic[] {
  const errors = [...converted.net.document.diagnostics, ...converted.net.diagnostics, ...converted.diagnostics].filter((d) => d.severity === "error");
  if (errors.length > 0) {
    return errors.map((error) => refuse(originalOf(before.net, plan, error.layer), `the fully convolutional form does not hold together: ${error.message}`));
  }
  const kept = before.net.layers.filter((layer) => !plan.removals.includes(layer));
  const found = kept.flatMap((layer, i) => {
    const conversion = plan.conversions.find((candidate) => candidate.layer === layer);
    const made = converted.layers[i]?.params ?? [];
    const wanted = conversion === undefined ? before.layers[layer.index]!.params : [conversion.to, ...made.slice(1)];
    const wrong = wanted.findIndex((shape, param) => differs(shape, made[param]));
    if (wrong < 0) return [];
    const where = conversion === undefined ? "what it reads" : "its input";
    return [refuse(layer, `${conversion?.name ?? layer.name} would need weights of ${shapeText(made[wrong])} instead of ${shapeText(wanted[wrong])}: ${where} is no image of that size in the converted net.`)];
  });
  return found;
}

const pixelwise = ["padding", "clipped-pooling", "border-sensitive", "global-layer"];

/** Why the output on an image will differ from the patch classifier's all the same, from what lint finds before and on a larger input after. */
export function findObstacles(before: NetShapes, converted: NetShapes, plan: Plan): Diagnostic[] {
  const isFixed = (layer: string | undefined): boolean => plan.pools.some((pool) => pool.layer.name === layer);
  const found = lintShapes(before, { pixelwise: "on" }).filter((d) => pixelwise.includes(d.code) && !(d.code === "global-layer" && isFixed(d.layer)));
  const [rows, columns] = outputField(converted)?.stride ?? [1, 1];
  const larger = inferShapes(converted.net, { inputs: inputsOf(before, 2 * Math.ceil(rows), 2 * Math.ceil(columns)) });
  const known = new Set(found.map((d) => d.layer));
  for (const d of lintShapes(larger, { pixelwise: "on" })) {
    const layer = originalOf(before.net, plan, d.layer);
    if ((d.code !== "global-layer" && d.severity !== "error") || layer === undefined || known.has(layer.name)) continue;
    known.add(layer.name);
    found.push({ code: d.severity === "error" ? "fixed-size" : d.code, severity: "warning", ...placeIn(layer, undefined), layer: layer.name, message: d.severity === "error" ? `on an image larger than the patch the net does not hold together: ${d.message}` : d.message });
  }
  return found;
}

/** The shapes of a net's inputs, images with so many rows and columns more. */
function inputsOf({ net, layers }: NetShapes, rows: number, columns: number): Map<string, Shape> {
  const inputs = new Map<string, Shape>();
  for (const layer of inputLayers(net)) {
    layer.tops.forEach((blob, top) => {
      const shape = layers[layer.index]!.tops[top];
      if (shape !== undefined) inputs.set(blob.name, shape.length === 4 ? [shape[0]!, shape[1]!, shape[2]! + rows, shape[3]! + columns] : shape);
    });
  }
  return inputs;
}

function originalOf(net: Net, plan: Plan, name: string | undefined): Layer | undefined {
  return net.layers.find((layer) => layer.name === name) ?? plan.conversions.find((conversion) => conversion.name === name)?.layer;
}

function refuse(layer: Layer | undefined, message: string): Diagnostic {
  const place = layer === undefined ? { start: 0, end: 0 } : placeIn(layer, undefined);
  return { code: "not-convertible", severity: "error", ...place, ...(layer !== undefined && { layer: layer.name }), message };
}

function differs(wanted: Shape | undefined, made: Shape | undefined): boolean {
  return wanted !== undefined && (made === undefined || shapesDiffer(made, wanted));
}
