import type { Point } from "./camera.ts";
import type { ToWebview } from "./messages.ts";
import type { MapState, Model, View } from "./model.ts";
import type { Notice } from "./messages.ts";

/** What can happen to the model: a message from the host, or something the user did. */
export type Happening =
  | ToWebview
  | { readonly type: "view"; readonly change: Partial<View> }
  /** Back to the whole picture and the first settings of the colours. */
  | { readonly type: "fit" }
  | { readonly type: "unpin" }
  | { readonly type: "panel"; readonly panel: View["panel"] }
  | { readonly type: "hover"; readonly at: Point | undefined }
  | { readonly type: "blink"; readonly second?: boolean; readonly blinking?: boolean }
  | { readonly type: "help"; readonly shown: boolean }
  | { readonly type: "dropping"; readonly over: boolean }
  | { readonly type: "say"; readonly notice: Notice }
  | { readonly type: "dismiss"; readonly id: number };

/** The model after something happened. */
export function reduce(model: Model, event: Happening): Model {
  switch (event.type) {
    case "view":
      return { ...model, view: { ...model.view, ...event.change } };
    case "fit":
      return { ...model, view: without(model.view, "camera") };
    case "unpin":
      return { ...model, view: without(model.view, "pin") };
    case "panel":
      return { ...model, view: event.panel === undefined ? without(model.view, "panel") : { ...model.view, panel: event.panel } };
    case "hover":
      return event.at === undefined ? without(model, "hover") : { ...model, hover: event.at };
    case "blink":
      return { ...model, second: event.second ?? model.second, blinking: event.blinking ?? model.blinking };
    case "help":
      return { ...model, help: event.shown };
    case "dropping":
      return model.dropping === event.over ? model : { ...model, dropping: event.over };
    case "say":
      return noticed(model, event.notice);
    case "dismiss":
      return { ...model, notices: model.notices.filter(({ id }) => id !== event.id) };
    default:
      return hear(model, event);
  }
}

function hear(model: Model, message: ToWebview): Model {
  switch (message.type) {
    case "state":
      return { ...(message.state.phase === "exporting" ? model : without(model, "batch")), host: message.state };
    case "image":
      return begunPicture(model, message.width, message.height);
    case "imageOverview":
    case "imageBand":
    case "tile":
      return { ...model, pixels: model.pixels + 1 };
    case "seen":
      return { ...model, seen: message };
    case "map": {
      const { kind, run, classIndex, range = [0, 1] } = message;
      const before = model.maps[kind];
      const same = before?.run === run ? before : undefined;
      const map: MapState = { ...same, run, classIndex, range };
      return { ...without(model, "probed", ...(same === undefined ? ["verified" as const] : [])), maps: { ...model.maps, [kind]: map }, pixels: model.pixels + 1 };
    }
    case "progress": {
      const { kind, run, done, total, pixelsPerSecond, secondsLeft } = message;
      return changedMap(model, kind, run, { progress: { done, total, pixelsPerSecond, ...(secondsLeft === undefined ? {} : { secondsLeft }) } });
    }
    case "finished":
      return changedMap(model, message.kind, message.run, { seconds: message.seconds });
    case "probed":
      return { ...model, probed: message };
    case "verified":
      return { ...model, verified: message };
    case "batch":
      return { ...model, batch: message };
    case "exported":
      return noticed(model, { level: "information", text: `Saved ${message.path}.` });
    case "notice":
      return noticed(model, message.notice);
    case "command":
      return message.command === "reset" ? reduce(model, { type: "fit" }) : reduce(model, { type: "view", change: { view: message.command } });
  }
}

/** A new picture: its maps are to come, and what was pinned or zoomed to in one of another size means nothing here. */
function begunPicture(model: Model, width: number, height: number): Model {
  const sameSize = model.picture === undefined || (model.picture.width === width && model.picture.height === height);
  const view = sameSize ? model.view : without(model.view, "camera", "pin");
  return { ...without(model, "probed", "verified", "hover"), view, picture: { width, height }, maps: {}, pixels: model.pixels + 1 };
}

function changedMap(model: Model, kind: keyof Model["maps"], run: number, change: Partial<MapState>): Model {
  const map = model.maps[kind];
  return map?.run === run ? { ...model, maps: { ...model.maps, [kind]: { ...map, ...change } } } : model;
}

/** The last three notices stay; the same one said again comes anew at the end. */
function noticed(model: Model, notice: Notice): Model {
  const others = model.notices.filter(({ text }) => text !== notice.text);
  const said = model.said + 1;
  return { ...model, said, notices: [...others, { ...notice, id: said }].slice(-3) };
}

/** Without optional properties. */
function without<T extends object>(object: T, ...keys: readonly (keyof T)[]): T {
  const copy = { ...object };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy;
}
