import { actionButton } from "./button.ts";
import { select } from "./select.ts";
import { context2d, el, setAttribute, setText } from "../dom.ts";
import { difference as inWords, percent, value } from "../format.ts";
import type { Histogram } from "../histogram.ts";
import { bars, histogram, nothing, partAbove, recount } from "../histogram.ts";
import { differenceRange, differences, rangeOf, thresholdOf } from "../look.ts";
import type { Model } from "../model.ts";
import { palette } from "../palette.ts";
import type { Panel, Part } from "../panel.ts";
import { whenChanged } from "../panel.ts";
import { mainMap, pairOf } from "../panes.ts";
import type { Pictures } from "../pictures.ts";
import { known, missing } from "../raster.ts";
import { colormapNames } from "../../src/image/colormap.ts";

/**
 * The bar of colours with the histogram standing on it and the threshold sliding along it: which value has which colour, how often it occurs,
 * and what lies above.
 */
export function scale(panel: Panel): Part {
  const { store } = panel;
  const canvas = el("canvas", { class: "scale-canvas", role: "img", title: "How often each value occurs; heights are logarithmic" });
  const slider = el("input", {
    type: "range", id: "threshold", min: 0, max: 1, step: 0.01, "aria-label": "Threshold", title: "Threshold ([ and ])",
    oninput: () => { store.tell({ type: "view", change: { threshold: Number(slider.value) } }); },
  });
  const ends = [el("span"), el("span"), el("span")];
  const reading = el("output", { class: "reading", for: "threshold", "data-above": "" });
  const colours = select({ id: "colour-map", label: "Colour map", title: "Colour map (K)" }, (name) => {
    store.tell({ type: "view", change: { colourMap: colormapNames.find((each) => each === name)! } });
  });
  const contour = actionButton(panel, "contour");
  const above = actionButton(panel, "above");
  const element = el(
    "div", { class: "scale" },
    el("div", { class: "scale-plot" }, canvas, slider, el("div", { class: "ticks" }, ...ends)),
    el("div", { class: "scale-side" }, reading, el("div", { class: "row" }, colours.element, contour.element, above.element)),
  );
  const paint = whenChanged((...[, counts, colourMap, threshold, width, ratio]: [version: string, Histogram, Parameters<typeof palette>[0], number | undefined, number, number]) => {
    drawScale(canvas, counts, palette(colourMap), threshold, width, ratio);
  });
  return {
    element,
    update(model: Model) {
      const difference = model.view.view === "difference";
      const kind = mainMap(model);
      const map = kind && panel.pictures.maps[kind];
      const counts = difference ? differenceCounts(model, panel.pictures) : (map?.counts ?? histogram(...rangeOf(model, kind)));
      const key = `${difference} ${kind} ${map?.run} ${map?.version} ${counts.low} ${counts.high} ${counts.total}`;
      paint(key, counts, difference ? "difference" : model.view.colourMap, difference ? undefined : model.view.threshold, canvas.clientWidth, window.devicePixelRatio);
      const threshold = thresholdOf(model, kind);
      slider.hidden = difference;
      slider.value = String(model.view.threshold);
      setAttribute(slider, "aria-valuetext", value(threshold));
      for (const [i, end] of ends.entries()) setText(end, tick(counts.low + ((counts.high - counts.low) * i) / 2, difference));
      setText(reading, difference ? differenceText(model, panel.pictures) : [value(threshold), ...(counts.total > 0 ? [`${percent(partAbove(counts, threshold))} above`] : [])].join(" · "));
      setAttribute(canvas, "aria-label", `Histogram over the colour bar, from ${ends[0]!.textContent} to ${ends[2]!.textContent}`);
      colours.show(colormapNames.map((name) => ({ value: name, text: name })), model.view.colourMap);
      colours.element.hidden = difference;
      for (const button of [contour, above]) {
        button.update(model);
        button.element.hidden = difference;
      }
    },
  };
}

function tick(at: number, sign: boolean): string {
  const text = value(at).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
  return sign && at > 0 ? `+${text}` : text;
}

function differenceText(model: Model, pictures: Pictures): string {
  const found = differences(model, pictures);
  return found === undefined ? "not computed" : `largest ${inWords(found.largest)} at ${found.at.x}, ${found.at.y} · mean ${inWords(found.mean)}`;
}

/** The histogram of the differences, counted again only where pixels changed. */
function differenceCounts(model: Model, pictures: Pictures): Histogram {
  const [a, b] = pairOf(model.view.pair).map((kind) => pictures.maps[kind]);
  const [low, high] = differenceRange(model, pictures);
  const key = `${a?.run}.${a?.version}.${b?.run}.${b?.version}.${low}`;
  if (counted?.key === key) return counted.counts;
  const counts = histogram(low, high, 200);
  if (a !== undefined && b !== undefined) {
    const [first, second] = [a.raster.levels[0]!.data, b.raster.levels[0]!.data];
    recount(counts, nothing, first.map((value, i) => (known(value) && known(second[i]!) ? second[i]! - value : missing)));
  }
  counted = { key, counts };
  return counts;
}

let counted: { readonly key: string; readonly counts: Histogram } | undefined;

/** Half of the slider's thumb: its middle runs from here to as far before the end. */
const inset = 6;
const barHeight = 8;

function drawScale(canvas: HTMLCanvasElement, counts: Histogram, colours: Uint8Array, threshold: number | undefined, width: number, ratio: number): void {
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = context2d(canvas);
  context.scale(ratio, ratio);
  const { color } = getComputedStyle(canvas);
  const length = width - 2 * inset;
  const colourAt = (part: number): string => {
    const at = 3 * Math.round(part * 255);
    return `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
  };
  for (let x = 0; x < length; x++) {
    context.fillStyle = colourAt(x / (length - 1));
    context.fillRect(inset + x, height - barHeight, 1.5, barHeight);
  }
  const count = Math.max(Math.floor(length / 4), 1);
  const room = height - barHeight - 3;
  for (const [i, part] of bars(counts, count).entries()) {
    if (part === 0) continue;
    const tall = Math.max(part * room, 1);
    context.globalAlpha = threshold === undefined || (i + 0.5) / count >= threshold ? 0.8 : 0.35;
    context.fillStyle = color;
    context.fillRect(inset + (i * length) / count + 0.5, height - barHeight - 1 - tall, length / count - 1, tall);
  }
  context.globalAlpha = 1;
  if (threshold === undefined) return;
  context.fillStyle = color;
  context.fillRect(inset + threshold * length - 0.5, 0, 1, height - barHeight);
}
