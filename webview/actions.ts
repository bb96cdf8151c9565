import type { Point } from "./camera.ts";
import { pan, toPicture, zoomAt } from "./camera.ts";
import type { IconName } from "./icons.ts";
import type { Model, View, ViewName } from "./model.ts";
import { initialView } from "./model.ts";
import type { Panel } from "./panel.ts";
import { cameraOf } from "./panel.ts";
import { frameSize } from "./panes.ts";
import { colormapNames } from "../src/image/colormap.ts";

/** Something the user can do. Buttons, tooltips, keys and the list of keys are all made from these. */
export interface Action {
  readonly name: string;
  /** What it does, for tooltips, screen readers and the list of keys. */
  readonly title: string;
  readonly group: "View" | "Move" | "Map" | "Measure" | "Run" | "Panel";
  /** As `KeyboardEvent.key` says, with `Shift+` before arrows. */
  readonly keys: readonly string[];
  readonly icon?: IconName;
  readonly run: (panel: Panel, key: string) => void;
  readonly enabled?: (model: Model) => boolean;
  /** Of what can be on or off. */
  readonly on?: (model: Model) => boolean;
}

export const actions: readonly Action[] = [
  view("single", "One picture", "1"),
  view("sideBySide", "Side by side", "2"),
  view("swipe", "Swipe between the two", "3"),
  view("blink", "Blink between the two", "4"),
  view("difference", "Difference of the two", "5"),
  {
    name: "flip", title: "Blink: flip or pause", group: "View", keys: [" "], enabled: ({ view: { view } }) => view === "blink",
    run: ({ store }) => { store.tell({ type: "blink", second: !store.model.second, blinking: false }); },
  },
  toggle("overlay", "Map over the picture", "Map", "o", "overlay", "overlay"),
  toggle("contour", "Contour at the threshold", "Map", "c", "contour", "contour"),
  toggle("above", "Colours only above the threshold", "Map", "m", "above", "above"),
  {
    name: "colourMap", title: "Next colour map", group: "Map", keys: ["k"],
    run: ({ store }) => {
      const next = (colormapNames.indexOf(store.model.view.colourMap) + 1) % colormapNames.length;
      store.tell({ type: "view", change: { colourMap: colormapNames[next]! } });
    },
  },
  {
    name: "nextClass", title: "Next class", group: "Map", keys: ["l"], enabled: ({ host }) => (host?.net?.labels.length ?? 0) > 1,
    run: ({ store, post }) => {
      const { net, settings } = store.model.host!;
      post({ type: "set", settings: { classIndex: (settings.classIndex + 1) % net!.labels.length } });
    },
  },
  step("threshold", "Threshold down, up", "[", "]", 0.01),
  step("opacity", "Opacity down, up", ",", ".", 0.05),
  {
    name: "zoomIn", title: "Zoom in", group: "Move", keys: ["+", "="], icon: "zoomIn", enabled: hasPicture,
    run: (panel) => { zoom(panel, 1.5); },
  },
  {
    name: "zoomOut", title: "Zoom out", group: "Move", keys: ["-", "_"], icon: "zoomOut", enabled: hasPicture,
    run: (panel) => { zoom(panel, 1 / 1.5); },
  },
  {
    name: "fit", title: "Whole picture", group: "Move", keys: ["0", "Home"], icon: "fit", enabled: hasPicture,
    run: ({ store }) => { store.tell({ type: "fit" }); },
  },
  {
    name: "actual", title: "One screen pixel per pixel", group: "Move", keys: ["z"], enabled: hasPicture,
    run: (panel) => { zoom(panel, 1 / cameraOf(panel.store.model, panel.size()).scale); },
  },
  {
    name: "pan", title: "Move the picture", group: "Move", keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], enabled: hasPicture,
    run: (panel, key) => { move(panel, key); },
  },
  {
    name: "navigator", title: "Overview map", group: "Move", keys: ["n"], icon: "minimap", on: (model) => model.view.navigator,
    run: ({ store }) => { store.tell({ type: "view", change: { navigator: !store.model.view.navigator } }); },
  },
  {
    name: "reset", title: "Reset view and colours", group: "Move", keys: ["x"],
    run: ({ store }) => {
      store.tell({ type: "fit" });
      store.tell({ type: "view", change: { ...initialView, navigator: store.model.view.navigator } });
    },
  },
  {
    name: "pin", title: "Pin the probe, or let go", group: "Measure", keys: ["p"], icon: "pin", enabled: hasPicture, on: (model) => model.view.pin !== undefined,
    run: pin,
  },
  {
    name: "movePin", title: "Move the pinned pixel", group: "Measure", keys: ["Shift+ArrowLeft", "Shift+ArrowRight", "Shift+ArrowUp", "Shift+ArrowDown"], enabled: hasPicture,
    run: movePin,
  },
  {
    name: "verify", title: "Verify: the patch classifier itself at 100 random pixels", group: "Measure", keys: ["v"], icon: "verify",
    enabled: (model) => model.host?.phase === "idle" && Object.keys(model.maps).length > 0,
    run: ({ post }) => { post({ type: "verify", pixels: 100 }); },
  },
  {
    name: "run", title: "Run", group: "Run", keys: ["r"], icon: "run", enabled: canRun,
    run: ({ post }) => { post({ type: "run" }); },
  },
  {
    name: "cancel", title: "Cancel the run", group: "Run", keys: ["Escape"], icon: "cancel", enabled: running,
    run: ({ post }) => { post({ type: "cancel" }); },
  },
  {
    name: "image", title: "Previous, next image", group: "Run", keys: ["PageUp", "PageDown"], enabled: ({ host }) => (host?.images.length ?? 0) > 1,
    run: ({ store, post }, key) => {
      const { images, settings } = store.model.host!;
      const at = images.findIndex(({ path }) => path === settings.image);
      const next = (at + (key === "PageUp" ? images.length - 1 : 1)) % images.length;
      post({ type: "set", settings: { image: images[next]!.path } });
    },
  },
  {
    name: "copy", title: "Copy the view as a PNG", group: "Panel", keys: ["y"], icon: "copy", enabled: hasPicture,
    run: (panel) => { void copy(panel); },
  },
  panelAction("preprocessing", "Preprocessing", "e", "preprocessing"),
  panelAction("settings", "Settings", "s", "settings"),
  {
    name: "help", title: "Keys", group: "Panel", keys: ["?"], icon: "help", on: (model) => model.help,
    run: ({ store }) => { store.tell({ type: "help", shown: !store.model.help }); },
  },
];

/** The action of that name. */
export function action(name: string): Action {
  const found = actions.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no action '${name}'`);
  return found;
}

/** Keys as they are written on a keyboard. */
export function keyNames({ keys }: Action): string[] {
  const arrows = keys.filter((key) => key.includes("Arrow"));
  if (arrows.length > 0) return [arrows[0]!.startsWith("Shift") ? "Shift+arrows" : "arrows"];
  return keys.filter((key) => key !== "=" && key !== "_").map((key) => (key === " " ? "Space" : key === "-" ? "−" : key.length === 1 ? key.toUpperCase() : key.replace(/(?<=[a-z])(?=[A-Z])/, " ")));
}

/** A tooltip: what it does, and its key. */
export function tooltip(each: Action): string {
  return `${each.title} (${keyNames(each).join(", ")})`;
}

export function running({ host }: Model): boolean {
  return host !== undefined && host.phase !== "empty" && host.phase !== "idle";
}

export function canRun(model: Model): boolean {
  return model.host?.net !== undefined && model.host.missing.length === 0 && !running(model);
}

function hasPicture(model: Model): boolean {
  return model.picture !== undefined;
}

function view(name: ViewName, title: string, key: string): Action {
  return {
    name, title, group: "View", keys: [key], icon: name, on: (model) => model.view.view === name,
    run: ({ store }) => { store.tell({ type: "view", change: { view: name } }); },
  };
}

function toggle(name: string, title: string, group: Action["group"], key: string, iconName: IconName, of: "overlay" | "contour" | "above"): Action {
  return {
    name, title, group, keys: [key], icon: iconName, on: (model) => model.view[of],
    run: ({ store }) => { store.tell({ type: "view", change: { [of]: !store.model.view[of] } }); },
  };
}

function step(of: "threshold" | "opacity", title: string, down: string, up: string, by: number): Action {
  return {
    name: of, title, group: "Map", keys: [down, up],
    run: ({ store }, key) => {
      const next = Math.round((store.model.view[of] + (key === down ? -by : by)) / by) * by;
      store.tell({ type: "view", change: { [of]: Number(Math.min(Math.max(next, 0), 1).toFixed(3)) } });
    },
  };
}

function panelAction(name: NonNullable<View["panel"]>, title: string, key: string, iconName: IconName): Action {
  return {
    name, title, group: "Panel", keys: [key], icon: iconName, on: (model) => model.view.panel === name,
    run: ({ store }) => { store.tell({ type: "panel", panel: store.model.view.panel === name ? undefined : name }); },
  };
}

function zoom({ store, size }: Panel, factor: number, at?: Point): void {
  const { model } = store;
  const frame = frameSize(model, size());
  const middle = at ?? { x: frame.width / 2, y: frame.height / 2 };
  store.tell({ type: "view", change: { camera: zoomAt(cameraOf(model, size()), frame, model.picture!, middle, factor) } });
}

function move({ store, size }: Panel, key: string): void {
  const { model } = store;
  const [dx, dy] = directionOf(key);
  store.tell({ type: "view", change: { camera: pan(cameraOf(model, size()), model.picture!, -60 * dx, -60 * dy) } });
}

/** Pins what the mouse is over, else the middle of the view; a second time lets go. */
function pin({ store, size }: Panel): void {
  const { model } = store;
  if (model.view.pin !== undefined) {
    store.tell({ type: "unpin" });
    return;
  }
  const frame = frameSize(model, size());
  const middle = toPicture(cameraOf(model, size()), frame, { x: frame.width / 2, y: frame.height / 2 });
  const at = model.hover ?? { x: Math.floor(middle.x), y: Math.floor(middle.y) };
  store.tell({ type: "view", change: { pin: inside(model, at) } });
}

function movePin(panel: Panel, key: string): void {
  if (panel.store.model.view.pin === undefined) pin(panel);
  const { model } = panel.store;
  const [dx, dy] = directionOf(key);
  const from = model.view.pin!;
  panel.store.tell({ type: "view", change: { pin: inside(model, { x: from.x + dx, y: from.y + dy }) } });
}

function inside({ picture }: Model, { x, y }: Point): Point {
  return { x: Math.min(Math.max(x, 0), picture!.width - 1), y: Math.min(Math.max(y, 0), picture!.height - 1) };
}

function directionOf(key: string): readonly [number, number] {
  return key.endsWith("Left") ? [-1, 0] : key.endsWith("Right") ? [1, 0] : key.endsWith("Up") ? [0, -1] : [0, 1];
}

async function copy({ png, store }: Panel): Promise<void> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": png() })]);
    store.tell({ type: "say", notice: { level: "information", text: "The view is on the clipboard." } });
  } catch (error) {
    const text = `The view could not be copied: ${error instanceof Error ? error.message : String(error)}.`;
    store.tell({ type: "say", notice: { level: "warning", text, advice: "Click into the panel and try again, or export the figure." } });
  }
}
