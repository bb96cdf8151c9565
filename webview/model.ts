import type { Camera, Point, Size } from "./camera.ts";
import type { ColourMap, MapKind, Notice, State, ToWebview } from "./messages.ts";

export type ViewName = "single" | "sideBySide" | "swipe" | "blink" | "difference";
export const viewNames: readonly ViewName[] = ["single", "sideBySide", "swipe", "blink", "difference"];

/** What a single view shows: `best` is the exact value where it is computed, else the simple one. */
export type Shown = "best" | MapKind;
export const shownNames: readonly Shown[] = ["best", "simple", "exact", "mean", "variance"];

export type PanelName = "preprocessing" | "settings";

/** How the user looks at things; kept over reloads. */
export interface View {
  readonly view: ViewName;
  readonly shown: Shown;
  /** What the comparing views compare. */
  readonly pair: "simple exact" | "mean variance";
  /** Absent: the whole picture, whatever the panel's size. */
  readonly camera?: Camera;
  readonly colourMap: ColourMap;
  readonly opacity: number;
  /** As a part of the range of values, so that it means the same for layers with another one. */
  readonly threshold: number;
  readonly contour: boolean;
  /** Colours only where the threshold is reached. */
  readonly above: boolean;
  /** False: the picture alone. */
  readonly overlay: boolean;
  /** Where the two sides of a swipe meet, as a part of the width. */
  readonly swipe: number;
  readonly navigator: boolean;
  readonly panel?: PanelName;
  /** The pixel the probe is pinned to. */
  readonly pin?: Point;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly pixelsPerSecond: number;
  readonly secondsLeft?: number;
}

export interface MapState {
  readonly run: number;
  readonly classIndex: number;
  readonly range: readonly [number, number];
  readonly progress?: Progress;
  readonly seconds?: number;
}

export type Verified = Extract<ToWebview, { type: "verified" }>;
export type Batch = Extract<ToWebview, { type: "batch" }>;
export type Probed = Extract<ToWebview, { type: "probed" }>;
export type Seen = Extract<ToWebview, { type: "seen" }>;

/** Everything the panel shows but its pixels. */
export interface Model {
  readonly view: View;
  readonly host?: State;
  readonly picture?: Size;
  readonly maps: Partial<Record<MapKind, MapState>>;
  readonly notices: readonly (Notice & { readonly id: number })[];
  /** How many notices there have been. */
  readonly said: number;
  readonly verified?: Verified;
  /** While many images are exported. */
  readonly batch?: Batch;
  readonly probed?: Probed;
  readonly seen?: Seen;
  /** The pixel under the mouse. */
  readonly hover?: Point;
  /** Of a blinking view: whether the second of the pair is shown. */
  readonly second: boolean;
  readonly blinking: boolean;
  readonly help: boolean;
  /** A file hovers over the panel. */
  readonly dropping: boolean;
  /** Changes with the pixels, so that whoever draws from them knows. */
  readonly pixels: number;
}

export const initialView: View = {
  view: "single",
  shown: "best",
  pair: "simple exact",
  colourMap: "viridis",
  opacity: 0.5,
  threshold: 0.5,
  contour: true,
  above: false,
  overlay: true,
  swipe: 0.5,
  navigator: true,
};

export const initialModel: Model = {
  view: initialView,
  maps: {},
  notices: [],
  said: 0,
  second: false,
  blinking: true,
  help: false,
  dropping: false,
  pixels: 0,
};
