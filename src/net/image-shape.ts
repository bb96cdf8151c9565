import { isComplete, type Shape } from "../layers/shape.ts";
import type { Layer } from "./net.ts";
import type { NetShapes } from "./shapes.ts";

/**
 * The image behind every blob, `[batch, channels, rows, columns]`, by layer and top: what it is where no layer lays it out as a vector.
 *
 * A blob of four axes is its own image, the output of a fully connected layer is one of 1 x 1; behind a flattened blob is what was flattened.
 * Undefined where a blob has no image behind it.
 */
export function imageShapes(shapes: NetShapes): (Shape | undefined)[][] {
  const images: (Shape | undefined)[][] = [];
  for (const layer of shapes.net.layers) {
    const bottoms = layer.bottoms.map((blob) => (blob === undefined ? undefined : images[blob.maker.index]?.[blob.top]));
    images.push(layer.tops.map((_, top) => imageOf(layer, shapes.layers[layer.index]!.tops[top], bottoms, shapes)));
  }
  return images;
}

/** True where a blob lays rows and columns of the image behind it out along one axis. */
export function isLaidOut(shape: Shape | undefined, image: Shape | undefined): boolean {
  return shape !== undefined && image !== undefined && positions(image) > 1 && positions(shape) !== positions(image);
}

/** Rows times columns: the values of one channel. */
function positions(shape: Shape): number {
  return shape.length === 4 ? shape[2]! * shape[3]! : 1;
}

function imageOf(layer: Layer, shape: Shape | undefined, images: readonly (Shape | undefined)[], shapes: NetShapes): Shape | undefined {
  if (!isComplete(shape)) return undefined;
  const isImage = shape.length === 4;
  const [first] = images;
  switch (layer.type) {
    case "InnerProduct":
      return first !== undefined && shape.length === 2 ? [shape[0]!, shape[1]!, 1, 1] : undefined;
    case "Flatten":
    case "Reshape":
      return first !== undefined && isVector(shape) && shape[0] === first[0] ? first : isImage ? shape : undefined;
  }
  const laidOut = layer.bottoms.findIndex((blob, i) => isLaidOut(blob && shapes.layers[blob.maker.index]!.tops[blob.top], images[i]));
  const source = images[laidOut];
  if (source === undefined) return isImage ? shape : first !== undefined && shape.length === 2 ? [shape[0]!, shape[1]!, 1, 1] : undefined;
  const channels = shape[1]! / positions(source);
  return isVector(shape) && Number.isInteger(channels) ? [shape[0]!, channels, source[2]!, source[3]!] : undefined;
}

function isVector(shape: Shape): boolean {
  return shape.length === 2 || (shape.length === 4 && shape[2] === 1 && shape[3] === 1);
}
