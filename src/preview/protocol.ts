import type { Limits } from "../text/limits.ts";
import type { CustomLayers } from "../net/shapes.ts";
import type { ExportFile } from "./export-all.ts";
import type { ExportRequest, Settings, ToHost, ToWebview } from "./messages.ts";

/** Settings of the workspace that say how a net is read. */
export interface NetReading {
  /** A model that belongs to the net; empty: none is named. */
  readonly weights: string;
  readonly dialect: string;
  readonly customLayers: CustomLayers;
  /** Folders of the workspace: files in them may be read where a net names them. */
  readonly folders?: readonly string[];
  /** Absent: the standard ones. */
  readonly limits?: Limits;
}

/** What the editor asks of the engine, beside what it passes on from the webview. */
export type ToEngine =
  /** The net to preview: its file, and its text as it stands in the editor. */
  | { readonly type: "open"; readonly net: string; readonly uri: string; readonly text: string; readonly reading: NetReading; readonly remembered?: Partial<Settings> }
  /** The text has changed. `saved`: it is now what the file holds. */
  | { readonly type: "text"; readonly text: string; readonly saved: boolean }
  /** The settings of the workspace have changed. */
  | { readonly type: "reading"; readonly reading: NetReading }
  /** Files beside the net have come, gone or changed. */
  | { readonly type: "files" }
  | { readonly type: "write"; readonly path: string; readonly request: ExportRequest }
  /** Computes and writes the maps of several images. */
  | { readonly type: "writeAll"; readonly files: readonly ExportFile[]; readonly request: ExportRequest }
  /** Asks for a report on the execution providers. */
  | { readonly type: "providers" }
  | Extract<ToHost, { readonly type: "ready" | "set" | "run" | "cancel" | "looking" | "probe" | "verify" }>;

/** What the engine answers: what is for the webview, and a few words for the editor. */
export type FromEngine = ToWebview | { readonly type: "providers"; readonly text: string } | { readonly type: "log"; readonly text: string };
