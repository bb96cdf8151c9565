import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Diagnostic } from "../../src/text/diagnostic.ts";
import { readDocument } from "../../src/net/document.ts";
import { netOutputs, readNet } from "../../src/net/net.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import { exportNet } from "../../src/onnx/export.ts";
import { readParams } from "../../src/weights/params.ts";
import { openWeights } from "../../src/weights/open.ts";
import { floats } from "./pack.ts";
import { runOnnx, type Values } from "./run-onnx.ts";
import type { Case, CaffeError } from "./conformance.ts";

export interface Outcome {
  /** Empty where all agrees with Caffe. */
  readonly problems: readonly string[];
  /** Why values were not compared, where they were not. */
  readonly unchecked?: string;
}

/** What we say of a case beside what Caffe says of it. */
export async function runCase(test: Case): Promise<Outcome> {
  const { meta } = test;
  const net = readNet(readDocument(test.text, { dialect: "bvlc" }), { phase: meta.phase, level: meta.level, stages: meta.stages });
  const shapes = inferShapes(net);
  const errors = [...net.document.diagnostics, ...net.diagnostics, ...shapes.diagnostics].filter((d) => d.severity === "error" || d.code === "unknown-layer-type");
  if (meta.error !== undefined && meta.error.stage !== "weights") return { problems: refusalProblems(meta.error, errors, shapes) };
  const problems = [...errors.map((d) => `refused without cause: ${d.message}`), ...shapeProblems(test, shapes)];
  if (meta.error !== undefined) return { problems: [...problems, ...(await weightProblems(test, shapes))] };
  if (meta.values !== true || problems.length > 0) return { problems, unchecked: "no values in the case" };
  const reason = test.meta.tags.find((tag) => ["in-place-broken", "aliasing"].includes(tag));
  if (reason !== undefined) return { problems, unchecked: `Caffe itself computes something else than the net says (${reason})` };
  return compareValues(test, shapes);
}

/** Fatal errors that come from the data fed, or from a call that was not made: the net itself is sound. */
const ofData = /ridx_data\[i\]|needs to be initialized by calling Reset/;

function refusalProblems(error: CaffeError, found: readonly Diagnostic[], shapes: NetShapes): string[] {
  if (found.length === 0 && error.stage === "forward" && ofData.test(error.fatal ?? "")) return [];
  if (found.length === 0) return [`not refused: ${error.fatal ?? error.protobuf?.[0]?.message ?? "crash"}`];
  if (error.stage === "parse" || error.layer === undefined) return [];
  const order = new Map(shapes.net.layers.map((layer) => [layer.name, layer.index]));
  const first = found.map((d) => d.layer).sort((a, b) => (order.get(a ?? "") ?? -1) - (order.get(b ?? "") ?? -1))[0];
  return first === error.layer ? [] : [`refused at '${first}', Caffe refuses '${error.layer}': ${error.fatal}`];
}

function shapeProblems({ meta }: Case, shapes: NetShapes): string[] {
  const wanted = meta.layers?.filter((layer) => layer.autoSplit !== true) ?? [];
  const { layers } = shapes.net;
  const ours = layers.map((layer) => `${layer.name}:${layer.type}`).join(" ");
  const theirs = wanted.map((layer) => `${layer.name}:${layer.type}`).join(" ");
  if (ours !== theirs) return [`layers: ${ours}, Caffe: ${theirs}`];
  const problems = wanted.flatMap((layer, i) => {
    const { tops, params } = shapes.layers[i]!;
    const same = (a: unknown, b: unknown, what: string): string[] => (JSON.stringify(a) === JSON.stringify(b) ? [] : [`${what} of ${layer.name}: ${JSON.stringify(a)}, Caffe: ${JSON.stringify(b)}`]);
    return [
      ...same(layers[i]!.bottomNames, layer.bottomsSource ?? layer.bottoms, "bottoms"),
      ...same(tops, layer.topShapes, "tops"),
      ...same(params, layer.paramShapes, "params"),
    ];
  });
  const outputs = netOutputs(shapes.net).map((blob) => blob.name).join(" ");
  const caffe = meta.netOutputs?.filter((name) => !/_split_\d+$/.test(name)).join(" ") ?? outputs;
  return outputs === caffe || meta.netOutputs?.some((name) => /_split_\d+$/.test(name)) === true ? problems : [...problems, `outputs: ${outputs}, Caffe: ${caffe}`];
}

async function withWeights<T>(test: Case, use: (file: Awaited<ReturnType<typeof openWeights>> | undefined) => Promise<T>): Promise<T> {
  const name = test.meta.weights;
  if (name === undefined || name === null) return use(undefined);
  const folder = mkdtempSync(join(tmpdir(), "case-"));
  try {
    const path = join(folder, name);
    writeFileSync(path, test.file(name));
    return await use(await openWeights(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function weightProblems(test: Case, shapes: NetShapes): Promise<string[]> {
  try {
    await withWeights(test, async (file) => readParams(shapes, file));
    return [`weights accepted; Caffe: ${test.meta.error?.fatal}`];
  } catch (error) {
    return error instanceof Error && error.name === "Failure" ? [] : [String(error)];
  }
}

async function compareValues(test: Case, shapes: NetShapes): Promise<Outcome> {
  const tops = Object.entries(test.meta.tops ?? {}).filter(([, top]) => top.file !== undefined && top.empty !== true);
  const inputs = Object.fromEntries(Object.entries(test.meta.inputs ?? {}).map(([name, blob]) => [name, { shape: blob.shape, data: floats(test.file(blob.file!)) }]));
  if (tops.length === 0) return { problems: [], unchecked: "the net has no outputs" };
  let outputs: Values[];
  try {
    const params = await withWeights(test, async (file) => readParams(shapes, file));
    outputs = await runOnnx(exportNet(shapes, params, { outputs: tops.map(([name]) => name), losses: "value" }), inputs);
  } catch (error) {
    if (error instanceof Error && error.name === "Failure") return { problems: [], unchecked: error.message };
    return { problems: [(error instanceof Error ? error.message : String(error)).slice(0, 400)] };
  }
  return { problems: tops.flatMap(([name, top], i) => valueProblems(name, outputs[i], floats(test.file(top.file!)))) };
}

/** Values agree to 1e-4 of the largest absolute value; NaN and infinities must be in the same places. */
function valueProblems(name: string, ours: { data: Float32Array } | undefined, theirs: Float32Array): string[] {
  if (ours?.data.length !== theirs.length) return [`${name}: ${ours?.data.length} values, Caffe: ${theirs.length}`];
  let scale = 0;
  for (const value of theirs) if (Number.isFinite(value) && Math.abs(value) < 1e30) scale = Math.max(scale, Math.abs(value));
  const wrong = theirs.findIndex((value, i) => !(Object.is(value, ours.data[i]) || Math.abs(value - ours.data[i]!) <= 1e-4 * Math.max(scale, 1e-3) || (Number.isNaN(value) && Number.isNaN(ours.data[i]!))));
  return wrong < 0 ? [] : [`${name}[${wrong}]: ${ours.data[wrong]}, Caffe: ${theirs[wrong]}`];
}
