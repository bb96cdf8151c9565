/**
 * What the preview's two ends say to each other. The host (client/preview, with the engine behind it) answers for files and numbers, the webview
 * draws. Typed arrays go as their bytes. Pixels count from the picture's top left; values are probabilities in [0, 1].
 */
import type { SampleGrid } from "../image/resize.ts";

export type ChannelOrder = "bgr" | "rgb" | "gray";
export type ProviderName = "auto" | "cpu" | "cuda" | "tensorrt" | "dml" | "coreml" | "webgpu";
/** `simple`: interpolated samples. `exact`: the patch classifier's own answer at every pixel. `mean`, `variance`: over runs with dropout left on. */
export type MapKind = "simple" | "exact" | "mean" | "variance";
/** Rows, then columns. */
export type Pair = readonly [number, number];

export interface NetInfo {
  readonly name: string;
  /** Which of the two the file holds; a patch classifier is converted in memory. */
  readonly given: "patch" | "fully convolutional";
  readonly patch: Pair;
  readonly stride: Pair;
  readonly field: Pair;
  readonly channels: number;
  /** One label per class: from labels.txt, else "class 0" and so on. */
  readonly labels: readonly string[];
  readonly labelsFile?: string;
  /** Blobs that can be looked at instead of the net's output, the output first. */
  readonly outputs: readonly string[];
  /** What `Settings.displacement` can be: 1 first, then those between exact and simple. */
  readonly displacements: readonly number[];
  /** True where the net has Dropout layers. */
  readonly dropout: boolean;
  /** Why the map will differ from the patch classifier; empty where it is exact. */
  readonly obstacles: readonly { readonly code: string; readonly message: string }[];
}

export interface FileChoice {
  readonly path: string;
  /** What is shown: the path from the net's folder. */
  readonly name: string;
}

/** The picture as shown, after `resize`. */
export interface ImageInfo extends FileChoice {
  readonly width: number;
  readonly height: number;
  /** Micrometres from pixel to pixel, where a TIFF says. */
  readonly micrometres?: number;
}

/** What the user may set; remembered per net. */
export interface Settings {
  readonly weights?: string;
  readonly image?: string;
  /** A file with one label per line, other than labels.txt beside the net. */
  readonly labels?: string;
  readonly channels: ChannelOrder;
  /** Per channel in the net's order, or one for all, on the scale 0..255. */
  readonly mean: readonly number[];
  /** The file the mean was read from. */
  readonly meanFile?: string;
  readonly scale: number;
  /** 0.5 halves the image's rows and columns before the net sees it. */
  readonly resize: number;
  readonly classIndex: number;
  /** The blob whose values are shown. */
  readonly output: string;
  readonly provider: ProviderName;
  /** Exact on every pixel (1), or a value every so many pixels: a quality between simple and exact. */
  readonly displacement: number;
  /** Runs with dropout left on, for a confidence map; 0: none. */
  readonly dropoutRuns: number;
  /** Makes runs with dropout repeatable. */
  readonly dropoutSeed: number;
  /** Run again when the prototxt or the weights are saved. */
  readonly refreshOnSave: boolean;
}

/** Everything small that the webview shows, sent whole at each change. */
export interface State {
  /** The net's address, to come back to after a reload. */
  readonly uri: string;
  readonly net?: NetInfo;
  /** Why there is no net: the text has errors, or cannot be run on images. */
  readonly problem?: Notice;
  readonly weights: readonly FileChoice[];
  readonly images: readonly FileChoice[];
  readonly means: readonly FileChoice[];
  readonly settings: Settings;
  readonly image?: ImageInfo;
  readonly phase: "empty" | "idle" | "simple" | "exact" | "verifying" | "exporting";
  /** What is missing before a run can start. */
  readonly missing: readonly ("weights" | "image")[];
  /** The provider in use or used last, and those looked at before it with why they were not used. */
  readonly provider?: { readonly name: ProviderName; readonly skipped: readonly { readonly name: ProviderName; readonly reason: string }[] };
  /** The files have changed since the last run. */
  readonly stale: boolean;
  readonly summary?: Summary;
}

export interface Notice {
  readonly level: "information" | "warning" | "error";
  readonly text: string;
  readonly advice?: string;
}

export interface Summary {
  readonly simpleSeconds?: number;
  /** What computed the simple map, where it was not what computed the exact one: the providers were still being tried. */
  readonly simpleProvider?: ProviderName;
  readonly exactSeconds?: number;
  readonly pixels: number;
  /** Largest memory of the processes that computed, in bytes. */
  readonly memory?: number;
  /** Patch by patch over exact, in time; estimated from `naiveSample` patches that were measured. */
  readonly speedUp?: number;
  readonly naiveSample?: number;
}

export interface Difference {
  readonly largest: number;
  readonly mean: number;
}

/** A part of a map: its place, and its values row after row. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Whole numbers are probabilities in 65,535ths: half the bytes, and finer than anything that is shown. */
  readonly values: Float32Array | Uint16Array;
  /** Given where `values` are not the pixels but the samples that they are interpolated from, within `bounds`. */
  readonly samples?: { readonly grid: Omit<SampleGrid, "values">; readonly bounds?: readonly [number, number] };
}

export type ToWebview =
  | { readonly type: "state"; readonly state: State }
  /** A picture as the net sees it in size (after `resize`) begins. Maps that were shown are of another picture and go away. */
  | { readonly type: "image"; readonly width: number; readonly height: number }
  /** The whole of it in small, each pixel the mean of `factor` x `factor`: what is shown until its rows are there. Samples as in `imageBand`. */
  | { readonly type: "imageOverview"; readonly factor: number; readonly pixels: Uint8Array }
  /** Some rows of it: one sample a pixel (grey), or red, green and blue. */
  | { readonly type: "imageBand"; readonly top: number; readonly height: number; readonly pixels: Uint8Array }
  /** What the net sees of a patch at the middle of the picture: planes in the net's order, as numbers. */
  | { readonly type: "seen"; readonly width: number; readonly height: number; readonly planes: readonly Float32Array[]; readonly smallest: number; readonly largest: number }
  /** A map begins, new or of another class; an earlier one of the kind goes away. `range` is given where values are not in [0, 1] (another layer's output). */
  | { readonly type: "map"; readonly kind: MapKind; readonly run: number; readonly width: number; readonly height: number; readonly classIndex: number; readonly range?: readonly [number, number] }
  | ({ readonly type: "tile"; readonly kind: MapKind; readonly run: number } & Tile)
  | { readonly type: "progress"; readonly kind: MapKind; readonly run: number; readonly done: number; readonly total: number; readonly pixelsPerSecond: number; readonly secondsLeft?: number }
  /** How far the export of many images is: the one at hand, after `done` others, and the part of its map that is computed, 0..1. */
  | { readonly type: "batch"; readonly done: number; readonly count: number; readonly name: string; readonly part: number }
  | { readonly type: "finished"; readonly kind: MapKind; readonly run: number; readonly seconds: number }
  /** The answer to `probe`: a value per class, absent where that map is not computed there. */
  | { readonly type: "probed"; readonly x: number; readonly y: number; readonly values: Partial<Record<MapKind, readonly number[]>> }
  | { readonly type: "verified"; readonly pixels: number; readonly simple?: Difference; readonly exact?: Difference }
  | { readonly type: "exported"; readonly path: string }
  | { readonly type: "notice"; readonly notice: Notice }
  /** A command of the editor's palette or menu for the view. */
  | { readonly type: "command"; readonly command: "reset" | "sideBySide" | "swipe" | "blink" | "difference" };

export type ExportFormat = "png-grey" | "png-colour" | "tiff-float" | "png-mask" | "geojson" | "figure";

export type ToHost =
  | { readonly type: "ready" }
  /** Asks the user for a file. */
  | { readonly type: "choose"; readonly what: "weights" | "image" | "mean" | "labels" }
  /** Files dropped on the panel, as URIs, or as contents where the editor gives no URI. */
  | { readonly type: "dropped"; readonly uris: readonly string[]; readonly files?: readonly { readonly name: string; readonly bytes: Uint8Array }[] }
  | { readonly type: "set"; readonly settings: Partial<Settings> }
  | { readonly type: "run" }
  | { readonly type: "cancel" }
  /** Where the user looks, in pixels of the picture: exact tiles come from there outwards. `scale`: device pixels that such a pixel takes. */
  | { readonly type: "looking"; readonly left: number; readonly top: number; readonly width: number; readonly height: number; readonly scale: number }
  | { readonly type: "probe"; readonly x: number; readonly y: number }
  | { readonly type: "verify"; readonly pixels: number }
  | ExportRequest
  /** The same for every image that is known: the format and the folder are asked for. */
  | ({ readonly type: "exportAll"; readonly images: readonly FileChoice[] } & MapLook)
  | { readonly type: "open"; readonly what: "net" | "rules" | "providers" }
  /** A defect of the webview, for the log. */
  | { readonly type: "defect"; readonly message: string };

export type ColourMap = "viridis" | "magma" | "inferno" | "grey";

/** Which map is exported, and how it looks. */
export interface MapLook {
  readonly kind: MapKind;
  readonly threshold: number;
  readonly colourMap: ColourMap;
  readonly opacity: number;
}

export interface ExportRequest extends MapLook {
  readonly type: "export";
  readonly format: ExportFormat;
  /** The figure as drawn, for "figure". */
  readonly png?: Uint8Array;
}
