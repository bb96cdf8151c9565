import type { Camera, Size } from "./camera.ts";
import { fit, onWholePixels } from "./camera.ts";
import type { ToHost } from "./messages.ts";
import type { Model } from "./model.ts";
import { frameSize } from "./panes.ts";
import type { Pictures } from "./pictures.ts";
import type { Store } from "./store.ts";

/** What every part of the panel works with. */
export interface Panel {
  readonly store: Store;
  readonly pictures: Pictures;
  readonly post: (message: ToHost) => void;
  /** Does something of `actions.ts`. */
  readonly act: (name: string) => void;
  /** The size of the view, in CSS pixels. */
  readonly size: () => Size;
  /** The picture of the view, as a PNG. */
  readonly png: () => Promise<Blob>;
}

/** A piece of the page that follows the model. */
export interface Part {
  readonly element: HTMLElement;
  readonly update: (model: Model) => void;
}

/** Where the view looks now: as the user set it, else at the whole picture. */
export function cameraOf(model: Model, size: Size): Camera {
  return model.view.camera ?? fit(model.picture ?? { width: 1, height: 1 }, frameSize(model, size));
}

/** Where the view that is drawn looks: less than a pixel beside. */
export function drawnCameraOf(model: Model, size: Size, ratio: number): Camera {
  return onWholePixels(cameraOf(model, size), frameSize(model, size), ratio);
}

/** Calls `work` only where one of its arguments is another than at the last call. */
export function whenChanged<Given extends readonly unknown[]>(work: (...given: Given) => void): (...given: Given) => void {
  let last: Given | undefined;
  return (...given) => {
    if (last !== undefined && last.length === given.length && last.every((each, i) => Object.is(each, given[i]))) return;
    last = given;
    work(...given);
  };
}
