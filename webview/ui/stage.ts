import type { Point } from "../camera.ts";
import { toView, visible } from "../camera.ts";
import { el, setText } from "../dom.ts";
import { listenToHands } from "../gestures.ts";
import { drawingOf } from "../look.ts";
import type { Model } from "../model.ts";
import type { Panel, Part } from "../panel.ts";
import { cameraOf, drawnCameraOf } from "../panel.ts";
import type { Pane } from "../panes.ts";
import { frameSize, panes } from "../panes.ts";
import type { Written } from "../pictures.ts";
import type { Drawing, Renderer } from "../render/drawing.ts";
import { renderer } from "../render/renderer.ts";

/** The view: its canvas, and what is laid over it. */
export interface Stage extends Part {
  readonly canvas: HTMLCanvasElement;
  /** Tells the renderer of written pixels. */
  readonly written: (what: Written) => void;
  /** Draws at once; the canvas's pixels can be read until the task ends. */
  readonly draw: (model: Model) => void;
  /** Whether what was drawn last is on the screen. */
  readonly isDone: () => boolean;
  /** The theme has changed. */
  readonly themed: () => void;
}

export function stage(panel: Panel, overlays: readonly Part[], resized: () => void): Stage {
  const { store } = panel;
  const canvas = el("canvas", {
    id: "view", tabindex: 0, role: "application", "aria-roledescription": "image viewer", "aria-describedby": "view-help",
    "aria-label": "Picture with its probability map",
  });
  const help = el("p", { id: "view-help", class: "hidden", text: "Arrow keys move, plus and minus zoom, 0 shows the whole picture, P pins the probe, Shift with arrows moves the pinned pixel, question mark lists all keys." });
  const labels = [0, 1].map(() => el("div", { class: "pane-label" }));
  const marks = [0, 1].map(() => el("div", { class: "mark", "aria-hidden": "true" }));
  const element = el("div", { class: "stage" }, canvas, help, ...labels, ...marks, ...overlays.map((part) => part.element));
  let draws: Renderer = renderer(canvas, (again) => {
    draws = again;
    resized();
  });
  element.dataset["renderer"] = draws.kind;
  let background: Drawing["background"] = [30, 30, 30];

  listenToHands(canvas, {
    locate: (at) => {
      const all = panes(store.model, panel.size());
      const { frame } = all.find(({ clip }) => at.x < clip.left + clip.width && at.y < clip.top + clip.height) ?? all.at(-1)!;
      return { frame, at: { x: at.x - frame.left, y: at.y - frame.top } };
    },
    camera: () => cameraOf(store.model, panel.size()),
    drawnCamera: () => drawnCameraOf(store.model, panel.size(), ratio()),
    picture: () => store.model.picture,
    moved: (camera) => { store.tell({ type: "view", change: { camera } }); },
    hovered: (at) => {
      const { hover } = store.model;
      if (hover?.x !== at?.x || hover?.y !== at?.y) store.tell({ type: "hover", at });
    },
    clicked: (pin) => { store.tell({ type: "view", change: { pin } }); },
  });
  new ResizeObserver(() => {
    fitCanvas();
    resized();
  }).observe(element);

  const look = lookTeller(panel);
  return { element, canvas, written, draw, update, isDone: () => draws.isDone(), themed: () => {
    fitCanvas();
    resized();
  } };

  function ratio(): number {
    // In software, four times the pixels would take four times as long.
    return draws.kind === "webgl" ? window.devicePixelRatio : 1;
  }

  function fitCanvas(): void {
    const { width, height } = panel.size();
    canvas.width = Math.max(Math.round(width * ratio()), 1);
    canvas.height = Math.max(Math.round(height * ratio()), 1);
    background = colourOf(element);
  }

  function written({ changed, released }: Written): void {
    for (const raster of released) draws.release(raster);
    if (changed !== undefined) draws.changed(changed.raster, changed.region);
  }

  function draw(model: Model): void {
    draws.draw(drawingOf(model, panel.pictures, panel.size(), ratio(), background));
  }

  function update(model: Model): void {
    const size = panel.size();
    const shown = model.picture === undefined ? [] : panes(model, size);
    draw(model);
    for (const [i, label] of labels.entries()) placeLabel(label, shown[i]);
    const camera = drawnCameraOf(model, size, ratio());
    const point = model.view.pin ?? (model.view.view === "sideBySide" ? model.hover : undefined);
    for (const [i, mark] of marks.entries()) {
      const pane = shown[i];
      const at = pane && point && toView(camera, pane.frame, { x: point.x + 0.5, y: point.y + 0.5 });
      placeMark(mark, pane, at, camera.scale, model.view.pin !== undefined);
    }
    for (const part of overlays) part.update(model);
    look(model);
  }
}

/** Tells the host where the user looks, once the view rests. */
function lookTeller(panel: Panel): (model: Model) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = "";
  return (model) => {
    if (model.picture === undefined || panel.size().width === 0) return;
    const camera = cameraOf(model, panel.size());
    const place = { ...visible(camera, frameSize(model, panel.size()), model.picture), scale: camera.scale * window.devicePixelRatio };
    const key = Object.values(place).join();
    if (key === last) return;
    last = key;
    clearTimeout(timer);
    timer = setTimeout(() => { panel.post({ type: "looking", ...place }); }, 150);
  };
}

function placeLabel(label: HTMLElement, pane: Pane | undefined): void {
  label.hidden = pane === undefined;
  if (pane === undefined) return;
  setText(label, pane.layer.label);
  const { left, top, width } = pane.clip;
  label.hidden = width < 60;
  label.style.top = `${top + 8}px`;
  label.style.left = `${left + 8}px`;
}

function placeMark(mark: HTMLElement, pane: Pane | undefined, at: Point | undefined, scale: number, pinned: boolean): void {
  const { left, top, width, height } = pane?.clip ?? { left: 0, top: 0, width: 0, height: 0 };
  const x = (at?.x ?? NaN) + (pane?.frame.left ?? 0);
  const y = (at?.y ?? NaN) + (pane?.frame.top ?? 0);
  mark.hidden = !(x >= left && y >= top && x < left + width && y < top + height);
  if (mark.hidden) return;
  const side = Math.max(scale, 9);
  mark.classList.toggle("pinned", pinned);
  mark.style.width = mark.style.height = `${side}px`;
  mark.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`;
}

/** The background that the theme gives an element, as numbers. */
function colourOf(element: HTMLElement): Drawing["background"] {
  const [red = 30, green = 30, blue = 30] = getComputedStyle(element).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [];
  return [red, green, blue];
}
