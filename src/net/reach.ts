import type { LayerType, Pair, Reach, ShapedLayer } from "../layers/definition.ts";
import { isKnown, type Shape } from "../layers/shape.ts";
import { type Layer } from "./net.ts";
import { reachOnce, shapedLayer, shapeOf, type NetShapes } from "./shapes.ts";

/** How one position of a blob sees the input image, in rows and columns. */
export interface ReceptiveField {
  /** Rows and columns of the input that one position depends on; `Infinity` where it depends on all of them. */
  readonly size: Pair;
  /** Input rows and columns between neighbouring positions. Below 1 where a deconvolution made the blob finer. */
  readonly stride: Pair;
  /** Input position where the window of position (0, 0) begins; negative where padding comes before the image. */
  readonly offset: Pair;
}

const self: ReceptiveField = { size: [1, 1], stride: [1, 1], offset: [0, 0] };

/**
 * The receptive field of every top, by layer and top; undefined for blobs that do not look at an image.
 * Where branches meet, the union of what they see.
 */
export function receptiveFields(shapes: NetShapes): (ReceptiveField | undefined)[][] {
  const fields: (ReceptiveField | undefined)[][] = [];
  for (const layer of shapes.net.layers) {
    const seen = layer.bottoms.map((blob) => (blob === undefined ? undefined : fields[blob.maker.index]?.[blob.top]));
    // All tops of a layer see the same, but for those that are data.
    const through = layer.bottoms.length === 0 ? undefined : throughLayer(shapes, layer, seen);
    fields.push(layer.tops.map((_, top) => (layer.bottoms.length === 0 ? ofData(shapes.layers[layer.index]!.tops[top]) : through)));
  }
  return fields;
}

function ofData(shape: Shape | undefined): ReceptiveField | undefined {
  return shape !== undefined && shape.length >= 3 ? self : undefined;
}

function throughLayer(shapes: NetShapes, layer: Layer, seen: readonly (ReceptiveField | undefined)[]): ReceptiveField | undefined {
  const reach = reachOf(shapes, layer);
  if (reach.kind === "none") return undefined;
  let all: ReceptiveField | undefined;
  for (let i = 0; i < seen.length; i++) {
    const field = seen[i];
    if (field === undefined) continue;
    const through = reach.kind === "pointwise" ? field : apply(field, reach, spatial(shapes, layer, i));
    all = all === undefined ? through : union(all, through);
  }
  return all;
}

/** How a layer's outputs depend on its inputs; a layer of unknown type is taken to see everything. */
export function reachOf(shapes: NetShapes, layer: Layer): Reach {
  if (layer.definition === undefined) return { kind: "whole" };
  const { definition } = layer;
  // Rules and receptive fields ask for the same reaches.
  return reachOnce(shapes, layer, () => askReach(definition, shapedLayer(shapes, layer)));
}

function askReach(definition: LayerType, shaped: ShapedLayer | undefined): Reach {
  if (shaped === undefined) return { kind: definition.reach === undefined ? "pointwise" : "whole" };
  return definition.reach?.(shaped) ?? { kind: "pointwise" };
}

/** Height and width of a bottom; 1 x 1 where it has no such axes. */
function spatial(shapes: NetShapes, layer: Layer, bottom: number): Pair {
  const shape = shapeOf(shapes, layer.bottoms[bottom]);
  return shape?.length === 4 ? [shape[2]!, shape[3]!] : [1, 1];
}

function apply(field: ReceptiveField, reach: Reach, [rows, columns]: Pair): ReceptiveField {
  if (reach.kind === "window") {
    const along = (i: 0 | 1): number => (reach.kernel[i] - 1) * reach.dilation[i] * field.stride[i];
    return {
      size: [field.size[0] + along(0), field.size[1] + along(1)],
      stride: [field.stride[0] * reach.stride[0], field.stride[1] * reach.stride[1]],
      offset: [field.offset[0] - reach.pad[0] * field.stride[0], field.offset[1] - reach.pad[1] * field.stride[1]],
    };
  }
  if (reach.kind === "upsample") {
    // An output row depends on at most ceil(kernel / stride) input rows.
    const wider = (i: 0 | 1): number => (Math.ceil(reach.kernel[i] / reach.stride[i]) - 1) * field.stride[i];
    return {
      size: [field.size[0] + wider(0), field.size[1] + wider(1)],
      stride: [field.stride[0] / reach.stride[0], field.stride[1] / reach.stride[1]],
      offset: field.offset,
    };
  }
  if (reach.kind === "whole") {
    const all = (i: 0 | 1, n: number): number => (isKnown(n) ? field.size[i] + (n - 1) * field.stride[i] : Infinity);
    return { ...field, size: [all(0, rows), all(1, columns)] };
  }
  return field;
}

function union(a: ReceptiveField, b: ReceptiveField): ReceptiveField {
  const start = (i: 0 | 1): number => Math.min(a.offset[i], b.offset[i]);
  const end = (i: 0 | 1): number => Math.max(a.offset[i] + a.size[i], b.offset[i] + b.size[i]);
  return {
    size: [end(0) - start(0), end(1) - start(1)],
    stride: [Math.max(a.stride[0], b.stride[0]), Math.max(a.stride[1], b.stride[1])],
    offset: [start(0), start(1)],
  };
}

/** The receptive field of the net's output: of the last blob that looks at an image and that nothing reads. */
export function outputField(shapes: NetShapes): ReceptiveField | undefined {
  const fields = receptiveFields(shapes);
  const outputs = shapes.net.blobs.filter((blob) => blob.readers.length === 0 && shapeOf(shapes, blob) !== undefined);
  return outputs
    .map((blob) => fields[blob.maker.index]?.[blob.top])
    .filter((field) => field !== undefined)
    .at(-1);
}
