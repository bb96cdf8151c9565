import type { ToHost, ToWebview } from "./messages.ts";
import type { Saved } from "./saved.ts";

/** The editor's side of the panel. */
export interface Host {
  readonly post: (message: ToHost) => void;
  readonly hear: (listener: (message: ToWebview) => void) => void;
  readonly saved: () => unknown;
  readonly save: (state: Saved) => void;
}

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void };

/** The host as VS Code gives it to a webview. */
export function vscodeHost(): Host {
  const api = acquireVsCodeApi();
  return {
    post: (message) => { api.postMessage(message); },
    hear: (listener) => {
      window.addEventListener("message", (event: MessageEvent<ToWebview>) => { listener(event.data); });
    },
    saved: () => api.getState(),
    save: (state) => { api.setState(state); },
  };
}
