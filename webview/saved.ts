import type { PanelName, View } from "./model.ts";
import { initialView, shownNames, viewNames } from "./model.ts";
import { colormapNames } from "../src/image/colormap.ts";

/** What outlives a reload of the panel. */
export interface Saved {
  /** The net's address, which the host asks for when it makes the panel again. */
  readonly uri?: string;
  readonly view: View;
}

/** Milliseconds after which a camera rests. */
const REST = 200;

/** Saves what has changed: at once, or, where only the camera moves, which it does in every frame, when it rests or the page goes away. */
export function saver(save: (state: Saved) => void): (now: Saved, before: View) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let moved: Saved | undefined;
  const rest = (): void => {
    clearTimeout(timer);
    if (moved !== undefined) save(moved);
    moved = undefined;
  };
  addEventListener("pagehide", rest);
  return (now, before) => {
    clearTimeout(timer);
    moved = undefined;
    const names = Object.keys({ ...before, ...now.view }) as (keyof View)[];
    const onlyMoved = now.view.camera !== before.camera && names.every((name) => name === "camera" || now.view[name] === before[name]);
    if (!onlyMoved) save(now);
    else {
      moved = now;
      timer = setTimeout(rest, REST);
    }
  };
}

/** The view in what was saved; whatever is missing there or not what it should be (another version wrote it) is as at first. */
export function restoredView(saved: unknown): View {
  const view = isRecord(saved) && isRecord(saved["view"]) ? saved["view"] : {};
  const camera = isRecord(view["camera"]) ? view["camera"] : undefined;
  const pin = isRecord(view["pin"]) ? view["pin"] : undefined;
  const panel = oneOf<PanelName | undefined>(view["panel"], ["preprocessing", "settings"], undefined);
  return {
    view: oneOf(view["view"], viewNames, initialView.view),
    shown: oneOf(view["shown"], shownNames, initialView.shown),
    pair: oneOf(view["pair"], ["simple exact", "mean variance"], initialView.pair),
    colourMap: oneOf(view["colourMap"], colormapNames, initialView.colourMap),
    opacity: fraction(view["opacity"], initialView.opacity),
    threshold: fraction(view["threshold"], initialView.threshold),
    contour: flag(view["contour"], initialView.contour),
    above: flag(view["above"], initialView.above),
    overlay: flag(view["overlay"], initialView.overlay),
    swipe: fraction(view["swipe"], initialView.swipe),
    navigator: flag(view["navigator"], initialView.navigator),
    ...(panel === undefined ? {} : { panel }),
    ...(isNumber(camera?.["x"]) && isNumber(camera["y"]) && isNumber(camera["scale"]) && camera["scale"] > 0
      ? { camera: { x: camera["x"], y: camera["y"], scale: camera["scale"] } }
      : {}),
    ...(isNumber(pin?.["x"]) && isNumber(pin["y"]) ? { pin: { x: Math.floor(pin["x"]), y: Math.floor(pin["y"]) } } : {}),
  };
}

function oneOf<T>(value: unknown, names: readonly T[], first: T): T {
  return names.includes(value as T) ? (value as T) : first;
}

function fraction(value: unknown, first: number): number {
  return isNumber(value) && value >= 0 && value <= 1 ? value : first;
}

function flag(value: unknown, first: boolean): boolean {
  return typeof value === "boolean" ? value : first;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
