import type { Size } from "./camera.ts";
import type { MapKind } from "./messages.ts";
import type { Model, Shown } from "./model.ts";
import type { Region } from "./raster.ts";

/** What is drawn over the picture: a map, one with another where it has no values, or a difference. */
export interface Layer {
  readonly front?: MapKind;
  readonly back?: MapKind;
  readonly difference: boolean;
  /** Said in the pane's corner. */
  readonly label: string;
}

/** A part of the view, in CSS pixels. The camera looks at the middle of `frame`; only `clip` of it is shown. */
export interface Pane {
  readonly frame: Region;
  readonly clip: Region;
  readonly layer: Layer;
}

/** The gap between the two pictures of a view side by side. */
const gap = 2;

/** The parts of a view. Both sides of a comparison have the same camera, so that they are always looked at alike. */
export function panes(model: Model, size: Size): Pane[] {
  const { view, pair, swipe, shown } = model.view;
  const whole = { left: 0, top: 0, ...size };
  const [first, second] = pairOf(pair);
  if (view === "single") return [{ frame: whole, clip: whole, layer: layerOf(model, shown) }];
  if (view === "difference") return [{ frame: whole, clip: whole, layer: differenceOf(model, first, second) }];
  if (view === "blink") return [{ frame: whole, clip: whole, layer: layerOf(model, model.second ? second : first) }];
  const clips = view === "swipe" ? cut(whole, Math.round(size.width * swipe), 0, false) : cut(whole, undefined, gap, size.height > size.width * 1.1);
  return clips.map((clip, i) => ({ frame: view === "swipe" ? whole : clip, clip, layer: layerOf(model, i === 0 ? first : second) }));
}

/** The size that the camera looks at: that of one pane, which all share. */
export function frameSize(model: Model, size: Size): Size {
  return panes(model, size)[0]!.frame;
}

/** What a comparing view compares. */
export function pairOf(pair: Model["view"]["pair"]): readonly [MapKind, MapKind] {
  return pair === "mean variance" ? ["mean", "variance"] : ["simple", "exact"];
}

/** The map that the histogram, the threshold and an export are about. */
export function mainMap(model: Model): MapKind | undefined {
  const { view, shown, pair } = model.view;
  const [first, second] = pairOf(pair);
  const wanted: readonly MapKind[] =
    view === "single" ? (shown === "best" ? ["exact", "simple", "mean", "variance"] : [shown]) : view === "blink" && !model.second ? [first] : [second, first];
  return wanted.find((kind) => model.maps[kind] !== undefined);
}

function layerOf(model: Model, shown: Shown): Layer {
  if (!model.view.overlay) return { difference: false, label: "picture" };
  if (shown !== "best") {
    const there = model.maps[shown] !== undefined;
    return { ...(there ? { front: shown } : {}), difference: false, label: there ? titles[shown] : `${titles[shown]} · not computed` };
  }
  const has = (kind: MapKind): boolean => model.maps[kind] !== undefined;
  if (has("exact")) {
    const complete = model.maps.exact!.seconds !== undefined;
    return { front: "exact", ...(has("simple") ? { back: "simple" as const } : {}), difference: false, label: complete || !has("simple") ? titles.exact : "exact over simple" };
  }
  const front = (["simple", "mean"] as const).find(has);
  return { ...(front === undefined ? {} : { front }), difference: false, label: front === undefined ? "picture" : titles[front] };
}

/** The short name of each map, as the panel says it. */
export const titles: Readonly<Record<MapKind, string>> = { simple: "simple", exact: "exact", mean: "dropout mean", variance: "dropout variance" };

function differenceOf(model: Model, first: MapKind, second: MapKind): Layer {
  const there = model.maps[first] !== undefined && model.maps[second] !== undefined;
  const label = `${titles[second]} − ${titles[first]}`;
  return there ? { front: second, back: first, difference: true, label } : { difference: true, label: `${label} · not computed` };
}

/** Two halves, beside or above each other, or two sides of a place. */
function cut(whole: Region, at: number | undefined, between: number, stacked: boolean): [Region, Region] {
  const length = stacked ? whole.height : whole.width;
  const first = at ?? Math.floor((length - between) / 2);
  // Without a place, the halves are equal: the same camera then looks at the same in both.
  const second = at === undefined ? first : length - first;
  return stacked
    ? [{ ...whole, height: first }, { ...whole, top: length - second, height: second }]
    : [{ ...whole, width: first }, { ...whole, left: length - second, width: second }];
}
