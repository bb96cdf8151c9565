import type { Camera, Point, Size } from "./camera.ts";
import type { MapKind } from "./messages.ts";
import type { Model } from "./model.ts";
import { palette } from "./palette.ts";
import { drawnCameraOf } from "./panel.ts";
import type { Pane } from "./panes.ts";
import { mainMap, panes } from "./panes.ts";
import type { Pictures } from "./pictures.ts";
import type { DrawnPane, Drawing } from "./render/drawing.ts";

/** What a renderer draws for a model, on a view of `size` CSS pixels. */
export function drawingOf(model: Model, pictures: Pictures, size: Size, ratio: number, background: Drawing["background"]): Drawing {
  const camera = drawnCameraOf(model, size, ratio);
  return {
    width: Math.max(Math.round(size.width * ratio), 1),
    height: Math.max(Math.round(size.height * ratio), 1),
    ratio,
    background,
    panes: pictures.picture === undefined ? [] : panes(model, size).map((pane) => drawnPane(model, pictures, pane, camera, ratio)),
  };
}

function drawnPane(model: Model, pictures: Pictures, { frame, clip, layer }: Pane, camera: Camera, ratio: number): DrawnPane {
  const { view } = model;
  const front = layer.front && pictures.maps[layer.front]?.raster;
  const back = layer.back && pictures.maps[layer.back]?.raster;
  const [low, high] = layer.difference ? differenceRange(model, pictures) : rangeOf(model, layer.front);
  const left = Math.round(clip.left * ratio);
  const top = Math.round(clip.top * ratio);
  return {
    clip: { left, top, width: Math.round((clip.left + clip.width) * ratio) - left, height: Math.round((clip.top + clip.height) * ratio) - top },
    left: Math.round((frame.left + frame.width / 2 - camera.x * camera.scale) * ratio),
    top: Math.round((frame.top + frame.height / 2 - camera.y * camera.scale) * ratio),
    step: 1 / (camera.scale * ratio),
    picture: pictures.picture!,
    ...(front === undefined ? {} : { front }),
    ...(back === undefined ? {} : { back }),
    difference: layer.difference,
    low,
    high,
    colours: palette(layer.difference ? "difference" : view.colourMap),
    opacity: view.opacity,
    threshold: thresholdOf(model, layer.front),
    contour: view.contour && !layer.difference,
    above: view.above && !layer.difference,
  };
}

/** The values between which a map's colours lie. */
export function rangeOf(model: Model, kind: MapKind | undefined): readonly [number, number] {
  const [low, high] = (kind && model.maps[kind]?.range) ?? [0, 1];
  return high > low ? [low, high] : [low, low + 1];
}

/** The threshold as a value of a map. */
export function thresholdOf(model: Model, kind: MapKind | undefined = mainMap(model)): number {
  const [low, high] = rangeOf(model, kind);
  return low + model.view.threshold * (high - low);
}

/** Differences lie around 0, as far as the largest reaches: a tidy number, so that the bar can be read. */
export function differenceRange(model: Model, pictures: Pictures): readonly [number, number] {
  const largest = differences(model, pictures)?.largest ?? 1;
  const [low, high] = rangeOf(model, "exact");
  const end = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].map((part) => part * (high - low)).find((each) => each >= largest) ?? high - low;
  return [-end, end];
}

/** What two maps of the model differ by, over the pixels where both are computed. */
export interface Differences {
  readonly largest: number;
  readonly mean: number;
  /** Where the largest is. */
  readonly at: Point;
}

/** The largest and the mean difference of the compared maps; computed again only where their pixels changed. */
export function differences(model: Model, pictures: Pictures): Differences | undefined {
  const [a, b] = model.view.pair === "mean variance" ? [pictures.maps.mean, pictures.maps.variance] : [pictures.maps.simple, pictures.maps.exact];
  if (a === undefined || b === undefined) return undefined;
  const key = `${a.run}.${a.version}.${b.run}.${b.version}.${model.view.pair}`;
  if (lastDifferences?.key === key && lastDifferences.of === pictures) return lastDifferences.found;
  const [first, second] = [a.raster.levels[0]!.data, b.raster.levels[0]!.data];
  let [largest, at, sum, count] = [0, 0, 0, 0];
  for (let i = 0; i < first.length; i++) {
    const [x, y] = [first[i]!, second[i]!];
    if (x < -1e37 || y < -1e37) continue;
    const size = Math.abs(y - x);
    sum += size;
    count++;
    if (size > largest) [largest, at] = [size, i];
  }
  const width = a.raster.width;
  const found = count === 0 ? undefined : { largest, mean: sum / count, at: { x: at % width, y: Math.floor(at / width) } };
  lastDifferences = { key, of: pictures, found };
  return found;
}

let lastDifferences: { readonly key: string; readonly of: Pictures; readonly found: Differences | undefined } | undefined;
