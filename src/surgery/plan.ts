import type { Diagnostic } from "../text/diagnostic.ts";
import type { Range } from "../text/edit.ts";
import { canonicalAxis, isComplete, shapeText, type Shape } from "../layers/shape.ts";
import type { Pair } from "../layers/definition.ts";
import { placeIn, type Blob, type Layer } from "../net/net.ts";
import { paramOwners } from "../net/params.ts";
import { imageShapes, isLaidOut } from "../net/image-shape.ts";
import { bottomShapes, type NetShapes } from "../net/shapes.ts";

/** How one InnerProduct layer becomes a Convolution. */
export interface Conversion {
  readonly layer: Layer;
  readonly name: string;
  readonly kernel: Pair;
  /** Shape of its weights as InnerProduct, and as Convolution: `[outputs, channels, rows, columns]`. */
  readonly from: Shape;
  readonly to: Shape;
  /** True where the model holds the weights as inputs x outputs. */
  readonly transpose: boolean;
}

/** A pooling layer over its whole input, and the size that this was in training. */
export interface FixedPool {
  readonly layer: Layer;
  readonly kernel: Pair;
}

/** An axis in the text, and what it has to be in the converted net. */
export interface AxisChange extends Range {
  readonly axis: number;
}

/** What has to change to make a net fully convolutional, and what stands against it. */
export interface Plan {
  readonly conversions: readonly Conversion[];
  /** Flatten and Reshape layers that only lay out values for an InnerProduct layer. */
  readonly removals: readonly Layer[];
  readonly pools: readonly FixedPool[];
  /** Axes counted from the end of vectors, which become images. */
  readonly axes: readonly AxisChange[];
  /** Why the net cannot be converted exactly; empty where it can. */
  readonly refusals: readonly Diagnostic[];
}

/** The plan for a net whose shapes are known. Nothing is changed. */
export function planConversion(shapes: NetShapes, suffix: string): Plan {
  const { net } = shapes;
  const refusals: Diagnostic[] = [];
  const refuse = (layer: Layer, path: string | undefined, message: string): void => {
    refusals.push({ code: "not-convertible", severity: "error", ...placeIn(layer, path), layer: layer.name, message });
  };
  const conversions: Conversion[] = [];
  const removals: Layer[] = [];
  const pools: FixedPool[] = [];
  const axes: AxisChange[] = [];
  const images = imageShapes(shapes);
  const names = new Set(net.layers.map((layer) => layer.name));
  for (const layer of net.layers) {
    // What follows from a refusal above needs no refusal of its own.
    if (refusals.some((refused) => layer.bottoms.some((blob) => blob?.maker.name === refused.layer))) continue;
    const seen = layer.bottoms.map((blob) => blob && images[blob.maker.index]?.[blob.top]);
    if (layer.type === "InnerProduct") {
      const conversion = planInnerProduct(shapes, layer, seen[0], suffix, refuse);
      if (conversion === undefined) continue;
      if (names.has(conversion.name)) refuse(layer, "name", `a layer named '${conversion.name}' exists already. Choose another suffix.`);
      conversions.push(conversion);
      continue;
    }
    if (layer.type === "Flatten" || layer.type === "Reshape") {
      if (hasImage(shapes, layer, seen[0]) && isLayoutOnly(shapes, layer, refuse)) removals.push(layer);
      continue;
    }
    checkLayout(shapes, layer, seen, refuse);
    axes.push(...planAxes(shapes, layer, seen));
    if (layer.type === "Pooling" && layer.message.message("pooling_param").bool("global_pooling")) {
      const bottom = bottomShapes(shapes, layer)[0];
      if (isComplete(bottom) && bottom.length === 4) pools.push({ layer, kernel: [bottom[2]!, bottom[3]!] });
      else
        refuse(
          layer,
          undefined,
          `the size that ${layer.name} pools over is unknown, so it cannot become a pool of fixed size. Give the input's shape.`,
        );
    }
  }
  checkSharing(shapes, conversions, refuse);
  return { conversions, removals, pools, axes, refusals };
}

type Refuse = (layer: Layer, path: string | undefined, message: string) => void;

function planInnerProduct(shapes: NetShapes, layer: Layer, source: Shape | undefined, suffix: string, refuse: Refuse): Conversion | undefined {
  const param = layer.message.message("inner_product_param");
  const bottom = bottomShapes(shapes, layer)[0];
  if (!isComplete(bottom)) {
    refuse(
      layer,
      undefined,
      `the shape of ${layer.name}'s input is unknown, so its kernel size cannot be worked out. Give the net's input a shape.`,
    );
    return undefined;
  }
  const axis = canonicalAxis(param.number("axis"), bottom.length);
  if (axis !== 1) {
    refuse(
      layer,
      "inner_product_param.axis",
      `${layer.name} multiplies from axis ${param.number("axis")} on; only axis 1 (all values of one item) has a convolutional form.`,
    );
    return undefined;
  }
  if (source === undefined) {
    refuse(
      layer,
      "bottom.0",
      `${layer.name} reads '${layer.bottomNames[0] ?? ""}' (${shapeText(bottom)}), which has no rows and columns to run over. Only layers that look at an image can be converted.`,
    );
    return undefined;
  }
  const [, channels, rows, columns] = source;
  const outputs = param.number("num_output");
  const transpose = param.bool("transpose");
  const inputs = channels! * rows! * columns!;
  return {
    layer,
    name: `${layer.name}${suffix}`,
    kernel: [rows!, columns!],
    from: transpose ? [inputs, outputs] : [outputs, inputs],
    to: [outputs, channels!, rows!, columns!],
    transpose,
  };
}

/** Layers that treat every value by itself, whatever its place. */
const elementwise = new Set([
  "AbsVal", "BNLL", "Clip", "Dropout", "ELU", "Eltwise", "Exp", "Log", "Power", "ReLU", "ReLU6", "Sigmoid", "Silence", "Split", "Swish", "TanH", "Threshold",
]);

/** Between a Flatten and the InnerProduct layer that reads it, only layers can stand that do not care how values are laid out. */
function checkLayout(shapes: NetShapes, layer: Layer, images: readonly (Shape | undefined)[], refuse: Refuse): void {
  const laidOut = bottomShapes(shapes, layer).findIndex((shape, i) => isLaidOut(shape, images[i]));
  if (laidOut < 0 || elementwise.has(layer.type) || (layer.type === "Concat" && axesOf(layer).every(({ value }) => value === 1 || value === -1))) return;
  const image = images[laidOut]!;
  refuse(
    layer,
    `bottom.${laidOut}`,
    `${layer.name} (${layer.type}) works on '${layer.bottomNames[laidOut]!}', in which an image of ${shapeText(image.slice(1))} is laid out as a vector; the fully convolutional net keeps it an image, and ${layer.name} would compute something else.`,
  );
}

/** Vectors become images of 1 x 1: axes counted from the end have to be counted from the front. */
function planAxes(shapes: NetShapes, layer: Layer, images: readonly (Shape | undefined)[]): AxisChange[] {
  const isVector = bottomShapes(shapes, layer).some((shape, i) => shape?.length === 2 && images[i] !== undefined);
  if (!isVector) return [];
  return axesOf(layer).flatMap(({ value, place }) => (value < 0 && place !== undefined ? [{ start: place.start, end: place.end, axis: value + 2 }] : []));
}

/** The axes that a layer's parameters name. */
function axesOf(layer: Layer): { readonly value: number; readonly place: Range | undefined }[] {
  return (layer.definition?.params ?? []).flatMap((param) => {
    const message = layer.message.message(param);
    return ["axis", "concat_dim", "slice_dim"].filter((field) => message.has(field)).map((field) => ({ value: message.number(field), place: message.place(field) }));
  });
}

/** True where an image is behind the bottom, or may be; labels and the like are laid out as they please. */
function hasImage(shapes: NetShapes, layer: Layer, image: Shape | undefined): boolean {
  return image !== undefined || !isComplete(bottomShapes(shapes, layer)[0]);
}

/** True for a Flatten or Reshape between image and vector that keeps the batch: the converted net does without it. */
function isLayoutOnly(shapes: NetShapes, layer: Layer, refuse: Refuse): boolean {
  const bottom = bottomShapes(shapes, layer)[0];
  const top = shapes.layers[layer.index]!.tops[0];
  if (!isComplete(bottom) || !isComplete(top)) {
    refuse(layer, undefined, `the shapes around ${layer.name} are unknown, so it is not clear what it lays out.`);
    return false;
  }
  const isVector = (shape: Shape): boolean => shape.length === 2 || (shape.length === 4 && shape[2] === 1 && shape[3] === 1);
  const keepsBatch = top.length >= 2 && top[0] === bottom[0];
  const merges = keepsBatch && isVector(top) && (isVector(bottom) || bottom.length === 4);
  const same = top.length === bottom.length && top.every((dimension, i) => dimension === bottom[i]);
  if (merges || same) return true;
  refuse(
    layer,
    undefined,
    `${layer.name} (${layer.type}) turns ${shapeText(bottom)} into ${shapeText(top)}, which has no form that works on every position of an image.`,
  );
  return false;
}

/** Shared weights stay shared, so all who share them must need them in one shape. */
function checkSharing(shapes: NetShapes, conversions: readonly Conversion[], refuse: Refuse): void {
  const owners = paramOwners(shapes);
  const byLayer = new Map(conversions.map((conversion) => [conversion.layer, conversion]));
  for (const conversion of conversions) {
    const owner = owners[conversion.layer.index]![0];
    if (owner === undefined || owner.layer === conversion.layer) continue;
    const owned = byLayer.get(owner.layer);
    if (owned?.transpose === conversion.transpose && shapeText(owned.to) === shapeText(conversion.to)) continue;
    if (owned !== undefined && owned.transpose !== conversion.transpose) {
      refuse(
        conversion.layer,
        "param.0.name",
        `${conversion.layer.name} shares its weights with ${owner.layer.name}, but only one of the two takes them transposed: as convolutions they need different ones. Remove the shared name.`,
      );
      continue;
    }
    refuse(
      conversion.layer,
      "param.0.name",
      `${conversion.layer.name} shares its weights with ${owner.layer.name}, but as convolutions the two need different shapes (${shapeText(conversion.to)} and ${owned === undefined ? "another layer's" : shapeText(owned.to)}). Remove the shared name.`,
    );
  }
}

/** The blob that a reader of `blob` reads once the removed layers are gone. */
export function sourceOf(removals: readonly Layer[], blob: Blob): Blob {
  let source = blob;
  while (removals.includes(source.maker) && source.maker.bottoms[0] !== undefined) source = source.maker.bottoms[0];
  return source;
}
