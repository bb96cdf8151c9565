import type { Diagnostic } from "../text/diagnostic.ts";
import { applyEdits, type TextEdit } from "../text/edit.ts";
import type { Pair } from "../layers/definition.ts";
import { inputLayers, netOutputs, placeIn, type Layer, type Net } from "../net/net.ts";
import type { NetShapes } from "../net/shapes.ts";
import { indentOf, insertFirst, newlineOf, removeField } from "../prototxt/change.ts";
import type { Message } from "../prototxt/message.ts";
import { quote } from "../prototxt/scalar.ts";
import { planConversion, sourceOf, type Conversion, type FixedPool, type Plan } from "./plan.ts";
import { findObstacles, readAgain, verify } from "./verify.ts";

export interface SurgeryOptions {
  /** Appended to the names of converted layers and of their blobs, so that Caffe does not load the old weights by name. Default `-conv`. */
  readonly suffix?: string;
  /** Rows and columns of the converted net's input. Absent: left as they are. */
  readonly inputSize?: Pair | undefined;
  /** False: no Softmax is added to a net that ends without one. */
  readonly softmax?: boolean;
}

/** A converted net: the text, and what was done to it. */
export interface Surgery {
  readonly edits: readonly TextEdit[];
  readonly text: string;
  /** The converted net, read again from the text, with its shapes on one patch. */
  readonly shapes: NetShapes;
  readonly conversions: readonly Conversion[];
  readonly removals: readonly Layer[];
  readonly pools: readonly FixedPool[];
  /** The name of the Softmax layer that was added. */
  readonly softmax: string | undefined;
  /** Why the output on an image will differ from the patch classifier's all the same: padding, clipped pooling and the like. */
  readonly obstacles: readonly Diagnostic[];
}

/**
 * The fully convolutional form of a patch classifier, as edits of its text: each InnerProduct becomes a Convolution of the same numbers.
 * Comments and layout stay. Where the net cannot be converted exactly, the reasons.
 *
 * Source: Long, Shelhamer, Darrell, "Fully Convolutional Networks for Semantic Segmentation" (2015); Caffe's net surgery example.
 */
export function convertNet(shapes: NetShapes, options: SurgeryOptions = {}): Surgery | { readonly refusals: readonly Diagnostic[] } {
  const { net } = shapes;
  const broken = [...net.document.diagnostics, ...net.diagnostics, ...shapes.diagnostics].filter((d) => d.severity === "error");
  if (broken.length > 0) return { refusals: broken };
  const suffix = options.suffix ?? "-conv";
  const plan = planConversion(shapes, suffix);
  if (plan.refusals.length > 0) return plan;
  const renamed = blobNames(plan);
  const clash = net.blobs.find((blob) => [...renamed.values()].includes(blob.name));
  if (clash !== undefined)
    return { refusals: [refusal(clash.maker, `top.${clash.top}`, `a blob named '${clash.name}' exists already. Choose another suffix.`)] };
  const edits = [
    ...plan.conversions.flatMap((conversion) => convertLayer(net, conversion)),
    ...plan.removals.flatMap((layer) => removeLayer(net, layer)),
    ...plan.pools.flatMap((pool) => fixPool(net, pool)),
    ...plan.axes.map(({ start, end, axis }) => ({ start, end, text: String(axis) })),
    ...renameBlobs(net, plan, renamed),
    ...(options.inputSize === undefined ? [] : resizeInput(net, shapes, options.inputSize)),
  ];
  const softmax = options.softmax === false ? undefined : missingSoftmax(net, shapes, plan, renamed);
  if (softmax !== undefined) edits.push(softmax.edit);
  const text = applyEdits(net.document.tree.text, edits);
  const converted = readAgain(shapes, text);
  const refusals = verify(shapes, converted, plan);
  if (refusals.length > 0) return { refusals };
  const obstacles = findObstacles(shapes, converted, plan);
  return {
    edits,
    text,
    shapes: converted,
    conversions: plan.conversions,
    removals: plan.removals,
    pools: plan.pools,
    softmax: softmax?.name,
    obstacles,
  };
}

function refusal(layer: Layer, path: string | undefined, message: string): Diagnostic {
  return { code: "not-convertible", severity: "error", ...placeIn(layer, path), layer: layer.name, message };
}

/** Blobs named like their converted layer get the new name too, as one would by hand. */
function blobNames(plan: Plan): Map<string, string> {
  return new Map(
    plan.conversions.filter(({ layer }) => layer.tops.some((top) => top.name === layer.name)).map(({ layer, name }) => [layer.name, name]),
  );
}

function convertLayer(net: Net, { layer, name, kernel }: Conversion): TextEdit[] {
  const { tree } = net.document;
  // V0 keeps everything in `layers { layer { … } }`, without a message for the parameters.
  const isV0 = net.format === "V0";
  const own = isV0 ? layer.source!.message("layer") : layer.source!;
  const param = isV0 ? own : own.message("inner_product_param");
  const edits: TextEdit[] = [];
  const replace = (at: { start: number; end: number } | undefined, text: string): void => {
    if (at !== undefined) edits.push({ start: at.start, end: at.end, text });
  };
  replace(own.place("name"), quote(name));
  replace(own.place("type"), isV0 ? quote("conv") : net.format === "V1" ? "CONVOLUTION" : quote("Convolution"));
  if (!isV0) replace(own.fieldNode("inner_product_param")?.nameRange, "convolution_param");
  const [rows, columns] = kernel;
  const size = isV0 ? `kernelsize: ${rows}` : rows === columns ? `kernel_size: ${rows}` : `kernel_h: ${rows} kernel_w: ${columns}`;
  // Fields that a convolution lacks make room for the kernel size.
  const [foreign, ...others] = isV0
    ? []
    : ["axis", "transpose"].map((field) => param.fieldNode(field)).filter((node) => node !== undefined);
  if (foreign !== undefined) replace(foreign, `${size}${/[,;]$/.exec(tree.text.slice(foreign.start, foreign.end))?.[0] ?? ""}`);
  else if (param.node !== undefined) edits.push(insertFirst(tree, param.node, size));
  edits.push(...others.map((node) => removeField(tree, node)));
  return edits;
}

function removeLayer(net: Net, layer: Layer): TextEdit[] {
  const field = layer.source?.node?.parent;
  return field === undefined ? [] : [removeField(net.document.tree, field)];
}

function fixPool(net: Net, { layer, kernel: [rows, columns] }: FixedPool): TextEdit[] {
  const field = layer.message.message("pooling_param").fieldNode("global_pooling");
  if (field === undefined) return [];
  const separator = /[,;]$/.exec(net.document.tree.text.slice(field.start, field.end))?.[0] ?? "";
  return [
    {
      start: field.start,
      end: field.end,
      text: `${rows === columns ? `kernel_size: ${rows}` : `kernel_h: ${rows} kernel_w: ${columns}`}${separator}`,
    },
  ];
}

/** New names for every mention of a renamed blob, and the source of a removed layer's blob for those who read it. */
function renameBlobs(net: Net, plan: Plan, renamed: ReadonlyMap<string, string>): TextEdit[] {
  const edits: TextEdit[] = [];
  const visit = (message: Message, target: (side: "bottom" | "top", index: number, name: string) => string): void => {
    for (const side of ["bottom", "top"] as const) {
      message.valuesOf(side).forEach(({ value, valueNode }, index) => {
        const name = target(side, index, value as string);
        if (name !== value && valueNode !== undefined) edits.push({ start: valueNode.start, end: valueNode.end, text: quote(name) });
      });
    }
  };
  const byName = (name: string): string => renamed.get(name) ?? name;
  for (const layer of net.layers) {
    if (plan.removals.includes(layer)) continue;
    visit(layer.message, (side, index, name) => {
      const blob = side === "bottom" ? layer.bottoms[index] : undefined;
      return byName(blob === undefined ? name : sourceOf(plan.removals, blob).name);
    });
  }
  const replaced = new Map(plan.removals.flatMap((layer) => layer.tops.map((top) => [top.name, sourceOf(plan.removals, top).name])));
  for (const { message } of net.excluded)
    visit(message, (side, _, name) => byName(side === "bottom" ? (replaced.get(name) ?? name) : name));
  return edits;
}

/** New rows and columns for every image that comes in. */
function resizeInput(net: Net, shapes: NetShapes, [rows, columns]: Pair): TextEdit[] {
  return inputLayers(net).flatMap((layer) =>
    layer.message
      .message("input_param")
      .messages("shape")
      .flatMap((shape, i) => {
        if (shapes.layers[layer.index]!.tops[i]?.length !== 4) return [];
        const dims = shape.valuesOf("dim");
        return [rows, columns].flatMap((size, axis) => {
          const node = dims[2 + axis]?.valueNode;
          return node === undefined ? [] : [{ start: node.start, end: node.end, text: String(size) }];
        });
      }),
  );
}

/** The Softmax that a deploy net with scores at its end lacks. */
function missingSoftmax(
  net: Net,
  shapes: NetShapes,
  plan: Plan,
  renamed: ReadonlyMap<string, string>,
): { name: string; edit: TextEdit } | undefined {
  if (net.layers.some((layer) => layer.type === "Softmax" || layer.definition?.role === "loss")) return undefined;
  const outputs = netOutputs(net).filter((blob) => blob.maker.bottoms.length > 0 && blob.maker.definition?.role !== "measure");
  const [output] = outputs;
  if (output === undefined || outputs.length > 1) return undefined;
  let source = sourceOf(plan.removals, output);
  while (source.maker.type === "Dropout" && source.maker.bottoms[0] !== undefined) source = source.maker.bottoms[0];
  if (source.maker.type !== "InnerProduct" || (shapes.layers[source.maker.index]!.tops[0]?.[1] ?? 0) < 2) return undefined;
  const taken = new Set([...net.layers.map((layer) => layer.name), ...net.blobs.map((blob) => blob.name)]);
  const name = ["prob", "softmax", "probability"].find((word) => !taken.has(word)) ?? `${output.name}-prob`;
  const last = sourceOf(plan.removals, output).name;
  return { name, edit: appendLayer(net, name, renamed.get(last) ?? last) };
}

function appendLayer(net: Net, name: string, bottom: string): TextEdit {
  const { tree } = net.document;
  const newline = newlineOf(tree);
  const sample = net.layers.find((layer) => layer.source !== undefined)?.source?.node?.fields[0];
  const indent = (sample === undefined ? "" : indentOf(tree, sample)) || "  ";
  const blobs = [`bottom: ${quote(bottom)}`, `top: ${quote(name)}`];
  const fields = {
    V0: [`layer { name: ${quote(name)} type: "softmax" }`, ...blobs],
    V1: [`name: ${quote(name)}`, "type: SOFTMAX", ...blobs],
    V2: [`name: ${quote(name)}`, 'type: "Softmax"', ...blobs],
  }[net.format === "V0" || net.format === "V1" ? net.format : "V2"];
  const lines = [
    `${net.format === "V0" || net.format === "V1" ? "layers" : "layer"} {`,
    ...fields.map((field) => `${indent}${field}`),
    "}",
    "",
  ];
  const end = tree.text.length;
  return { start: end, end, text: `${tree.text.endsWith("\n") || end === 0 ? "" : newline}${lines.join(newline)}` };
}
