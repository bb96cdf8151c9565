import type { Camera, Size } from "./camera.ts";
import { visible } from "./camera.ts";
import { context2d, el } from "./dom.ts";
import { value } from "./format.ts";
import { drawingOf, rangeOf, thresholdOf } from "./look.ts";
import type { Model, Shown } from "./model.ts";
import { palette } from "./palette.ts";
import { mainMap, pairOf, titles } from "./panes.ts";
import type { Pictures } from "./pictures.ts";
import { software } from "./render/software.ts";
import { scaleBar } from "./scale-bar.ts";

const margin = 16;
const caption = 26;
const footer = 56;

/**
 * A figure for a paper or a slide, as a PNG: the picture, the simple and the exact map of it side by side, as zoomed and coloured in the view,
 * with names, scale bar and colour bar, black on white.
 */
export async function figure(model: Model, pictures: Pictures): Promise<Blob> {
  const size = paneSize(model);
  const shown = ["picture" as const, ...pairOf(model.view.pair).filter((kind) => model.maps[kind] !== undefined)];
  const canvas = el("canvas", { width: margin + shown.length * (size.width + margin), height: margin + caption + size.height + footer });
  const context = context2d(canvas);
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "black";
  context.textBaseline = "middle";
  for (const [i, each] of shown.entries()) {
    const left = margin + i * (size.width + margin);
    context.font = "15px sans-serif";
    context.fillText(each === "picture" ? (model.host?.image?.name ?? "picture") : titles[each], left, margin + caption / 2 - 4, size.width);
    context.putImageData(pane(model, pictures, each, size), left, margin + caption);
  }
  const { scale } = figureCamera(model, size);
  const base = margin + caption + size.height + 14;
  drawRuler(context, margin, base, scale, size.width / 2, model.host?.image?.micrometres);
  if (shown.length > 1) drawBar(context, model, margin + size.width + margin, base, Math.min(size.width, 260));
  return png(canvas);
}

/** A canvas as a PNG. */
export function png(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error("the picture is too large for a PNG"));
      else resolve(blob);
    }, "image/png");
  });
}

/** As wide as the picture where that makes a figure of sensible size. */
function paneSize({ picture }: Model): Size {
  const { width, height } = picture ?? { width: 1, height: 1 };
  const scale = Math.min(Math.max(400 / Math.max(width, height), 1), 1000 / Math.max(width, height));
  return { width: Math.max(Math.round(width * scale), 120), height: Math.max(Math.round(height * scale), 1) };
}

/** Where the panes of a figure look: where the user does, or at the whole picture without air around it. Its scale bar goes by this too. */
export function figureCamera({ view: { camera }, picture }: Model, size: Size): Camera {
  const { width, height } = picture!;
  const zoomed = camera !== undefined && visible(camera, size, picture!).width < width;
  return zoomed ? camera : { x: width / 2, y: height / 2, scale: size.width / width };
}

function pane(model: Model, pictures: Pictures, of: "picture" | Shown, size: Size): ImageData {
  const camera = figureCamera(model, size);
  const looked: Model = { ...model, view: { ...model.view, view: "single", shown: of === "picture" ? "best" : of, overlay: of !== "picture", camera } };
  const drawing = drawingOf(looked, pictures, size, 1, [255, 255, 255]);
  return new ImageData(software(drawing), drawing.width, drawing.height);
}

function drawRuler(context: CanvasRenderingContext2D, left: number, top: number, scale: number, longest: number, micrometres: number | undefined): void {
  const { length, label } = scaleBar(scale, longest, micrometres);
  context.fillRect(left, top, length, 4);
  context.font = "13px sans-serif";
  context.fillText(label, left, top + 18);
}

function drawBar(context: CanvasRenderingContext2D, model: Model, left: number, top: number, length: number): void {
  const kind = mainMap(model);
  const [low, high] = rangeOf(model, kind);
  const colours = palette(model.view.colourMap);
  for (let x = 0; x < length; x++) {
    const at = 3 * Math.round((x / (length - 1)) * 255);
    context.fillStyle = `rgb(${colours[at]} ${colours[at + 1]} ${colours[at + 2]})`;
    context.fillRect(left + x, top, 1, 10);
  }
  context.fillStyle = "black";
  context.fillText(value(low), left, top + 22);
  const label = model.host?.net?.labels[model.host.settings.classIndex] ?? "";
  context.textAlign = "center";
  context.fillText(`${label}${model.view.contour ? `, contour at ${value(thresholdOf(model, kind))}` : ""}`, left + length / 2, top + 22, length - 90);
  context.textAlign = "right";
  context.fillText(value(high), left + length, top + 22);
  context.textAlign = "left";
}
