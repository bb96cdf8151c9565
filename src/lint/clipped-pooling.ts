import { placeIn, type Layer } from "../net/net.ts";
import { reachOf } from "../net/reach.ts";
import { bottomShapes, type NetShapes } from "../net/shapes.ts";
import { isKnown } from "../layers/shape.ts";
import type { Rule } from "./rule.ts";

/** How the last pooling window of an axis lies over the edge. */
export interface Clip {
  readonly axis: "rows" | "columns";
  /** Size of the input along the axis. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** Number of windows along the axis. */
  readonly windows: number;
  /** Where the last window starts, and how much of the input it sees. */
  readonly start: number;
  readonly seen: number;
}

/**
 * The axes along which a pooling layer's last window is cut by the edge of its input. Caffe rounds the number of windows up
 * (`pooling_layer.cpp`), so the last one may see fewer rows than the kernel has.
 */
export function clippedWindows(shapes: NetShapes, layer: Layer): Clip[] {
  if (layer.type !== "Pooling") return [];
  const reach = reachOf(shapes, layer);
  const bottom = bottomShapes(shapes, layer)[0];
  const top = shapes.layers[layer.index]!.tops[0];
  if (reach.kind !== "window" || bottom?.length !== 4 || top?.length !== 4) return [];
  return ([0, 1] as const).flatMap((i) => {
    const [size, windows, kernel, stride, pad] = [bottom[2 + i]!, top[2 + i]!, reach.kernel[i], reach.stride[i], reach.pad[i]];
    const start = (windows - 1) * stride - pad;
    if (!isKnown(start) || start + kernel <= size + pad) return [];
    return [{ axis: i === 0 ? "rows" : "columns", size, kernel, stride, pad, windows, start, seen: Math.max(0, size + pad - start) } as const];
  });
}

/** Pooling windows that hang over the edge of a patch. */
export const clippedPooling: Rule = {
  code: "clipped-pooling",
  severity: "warning",
  group: "pixelwise",
  doc: "Caffe rounds pooled sizes up, so the last window of a patch may see fewer rows than the same window inside a large image. No fully convolutional net gives the patch classifier's numbers then.",
  *check({ net, shapes, isPatchClassifier }) {
    if (!isPatchClassifier) return;
    for (const layer of net.layers) {
      const [clip] = clippedWindows(shapes, layer);
      if (clip !== undefined) yield { ...placeIn(layer, "pooling_param"), layer: layer.name, message: text(layer.name, clip) };
    }
  },
};

function text(name: string, { axis, size, kernel, stride, pad, windows, start, seen }: Clip): string {
  const row = axis === "rows" ? "row" : "column";
  const smaller = size - ((size + 2 * pad - kernel) % stride);
  const nearest = [smaller, smaller + stride].filter((n) => n > 0 && n + 2 * pad >= kernel && n !== size);
  const advice =
    nearest.length === 0
      ? "Set round_mode: FLOOR and retrain."
      : `${nearest.join(" or ")} ${axis} would fit whole windows; or set round_mode: FLOOR and retrain.`;
  return `${name}'s last window hangs over the edge (${size} ${axis}, kernel ${kernel}, stride ${stride}: the ${ordinal(windows)} window starts at ${row} ${start}): on a patch it sees ${seen} ${seen === 1 ? row : axis}, on an image ${kernel}, so the pixel-wise output will differ. ${advice}`;
}

function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${ending}`;
}
