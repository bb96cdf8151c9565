import { expect } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import { exportNet } from "../../src/onnx/export.ts";
import type { DialectName } from "../../src/schema/schema.ts";
import { runOnnx } from "../support/run-onnx.ts";

type Shape = readonly (number | null)[];

/** A layer under test: what follows its `name: "x"`, with the shapes of its bottoms. */
export interface LayerText {
  readonly type: string;
  /** By bottom name, in order. */
  readonly bottoms?: Readonly<Record<string, Shape>>;
  readonly tops?: readonly string[];
  /** The layer's other fields. */
  readonly fields?: string;
  readonly dialect?: DialectName;
  readonly phase?: "TRAIN" | "TEST";
  /** The values of its learned blobs, where its values are asked. */
  readonly params?: readonly (readonly number[])[];
}

/** A net of input layers and the layer under test. Older Caffes have no Input layer, but DummyData. */
export function netText({ type, bottoms = {}, tops = ["y"], fields = "", dialect = "bvlc" }: LayerText): string {
  const [input, param] = ["pspnet", "segnet"].includes(dialect) ? ["DummyData", "dummy_data_param"] : ["Input", "input_param"];
  const inputs = Object.entries(bottoms).map(([name, shape]) => `layer { name: "${name}" type: "${input}" top: "${name}" ${param} { shape { ${shape.map((dim) => `dim: ${dim}`).join(" ")} } } }`);
  const wires = [...Object.keys(bottoms).map((name) => `bottom: "${name}"`), ...tops.map((name) => `top: "${name}"`)];
  return [`# proto-dialect: ${dialect}`, ...inputs, `layer { name: "x" type: "${type}" ${wires.join(" ")} ${fields} }`].join("\n");
}

function shapesOf(layer: LayerText): NetShapes {
  const net = readNet(readDocument(netText(layer)), { phase: layer.phase ?? "TEST" });
  expect([...net.document.diagnostics, ...net.diagnostics].filter((found) => found.severity === "error")).toEqual([]);
  return inferShapes(net);
}

/** The layer loads and makes tops of these shapes; null stands for an unknown dimension, undefined for a shape not known at all. */
export function checkShapes(layer: LayerText, tops: readonly (Shape | undefined)[]): void {
  const shapes = shapesOf(layer);
  expect(shapes.diagnostics.map((found) => found.message)).toEqual([]);
  expect(shapes.layers.at(-1)!.tops.map((shape) => shape?.map((dim) => (Number.isNaN(dim) ? null : dim)))).toEqual(tops);
}

/** Caffe refuses the layer with this text (a crash has none); `marks` is what the diagnostic underlines. */
export function checkRefused(layer: LayerText, refused: { readonly caffe?: string; readonly marks?: string; readonly when?: "run" }): void {
  const found = shapesOf(layer).diagnostics;
  expect(found.map((diagnostic) => diagnostic.caffe)).toEqual([refused.caffe]);
  expect(found[0]!.layer).toBe("x");
  expect(found[0]!.code).toBe(refused.when === "run" ? "fails-at-run" : "layer-refused");
  if (refused.marks !== undefined) expect(netText(layer).slice(found[0]!.start, found[0]!.end)).toBe(refused.marks);
}

/** What the layer's ONNX form gives for these inputs. */
export async function outputsOf(layer: LayerText, inputs: Readonly<Record<string, readonly number[]>>, losses: "deploy" | "value" = "value"): Promise<number[][]> {
  const shapes = shapesOf(layer);
  const params = (layer.params ?? []).map((data, i) => ({ shape: shapes.layers.at(-1)!.params[i]!, data: Float32Array.from(data) }));
  const model = exportNet(shapes, new Map([["x", params]]), { outputs: layer.tops ?? ["y"], losses });
  const given = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, { shape: (layer.bottoms![name] ?? []) as number[], data: Float32Array.from(data) }]));
  return Object.values(await runOnnx(model, given)).map((value) => [...value.data]);
}

/** The layer's ONNX form gives these values, to 1e-4 of the largest. */
export async function checkValues(layer: LayerText, inputs: Readonly<Record<string, readonly number[]>>, expected: readonly (readonly number[])[], losses: "deploy" | "value" = "value"): Promise<void> {
  const outputs = await outputsOf(layer, inputs, losses);
  expect(outputs.map((values) => values.length)).toEqual(expected.map((values) => values.length));
  const largest = Math.max(1e-3, ...expected.flat().map(Math.abs).filter((value) => value < 1e30));
  outputs.forEach((values, top) => {
    values.forEach((value, i) => {
      const wanted = expected[top]![i]!;
      if (!Object.is(value, wanted) && !(Math.abs(value - wanted) <= 1e-4 * largest)) expect(values).toEqual(expected[top]);
    });
  });
}
