import { action } from "./actions.ts";
import { blinker } from "./blink.ts";
import { el } from "./dom.ts";
import { png } from "./figure.ts";
import { vscodeHost } from "./host.ts";
import { listenToKeys } from "./keyboard.ts";
import type { ToWebview } from "./messages.ts";
import { initialModel } from "./model.ts";
import type { Panel, Part } from "./panel.ts";
import type { Pictures } from "./pictures.ts";
import { receive } from "./pictures.ts";
import { prober } from "./probe.ts";
import { redrawer } from "./redraw.ts";
import { restoredView, saver } from "./saved.ts";
import { store } from "./store.ts";
import { dropZone } from "./ui/drop.ts";
import { empty } from "./ui/empty.ts";
import { header } from "./ui/header.ts";
import { help } from "./ui/help.ts";
import { navigatorMap } from "./ui/navigator.ts";
import { notices, obstacles } from "./ui/notices.ts";
import { preprocessing } from "./ui/preprocessing.ts";
import { probeBox } from "./ui/probe-box.ts";
import { ruler } from "./ui/ruler.ts";
import { settingsPanel } from "./ui/settings.ts";
import { stage } from "./ui/stage.ts";
import { progressLine } from "./ui/status.ts";
import { swipeHandle } from "./ui/swipe-handle.ts";
import { toolbar } from "./ui/toolbar.ts";

/** What comes in numbers while something is computed. */
const flow: ReadonlySet<string | undefined> = new Set<ToWebview["type"]>(["imageOverview", "imageBand", "tile", "progress", "batch"]);

start(document.getElementById("app")!);

/** Builds the panel into an element and connects it with the host. */
function start(app: HTMLElement): void {
  const host = vscodeHost();
  const saved = host.saved();
  const pictures: Pictures = { maps: {} };
  const state = store({ ...initialModel, view: restoredView(saved) });
  const panel: Panel = {
    store: state,
    pictures,
    post: host.post,
    act: (name) => {
      const { run, enabled, keys } = action(name);
      if (enabled?.(state.model) !== false) run(panel, keys[0]!);
    },
    size: () => ({ width: view.element.clientWidth, height: view.element.clientHeight }),
    png: () => {
      // What was drawn may be gone by now: it is drawn again and read in the same task.
      view.draw(state.model);
      return png(view.canvas);
    },
  };
  const overlays: Part[] = [ruler(panel), navigatorMap(panel), probeBox(panel), swipeHandle(panel), empty(panel), notices(panel), dropZone(panel, app)];
  const view = stage(panel, overlays, () => { redraw.now(); });
  const parts: Part[] = [header(panel), obstacles(panel), view, progressLine(), preprocessing(panel), settingsPanel(panel), toolbar(panel), help(panel)];
  app.replaceChildren(el("h2", { class: "hidden", text: "Segmentation preview" }), ...parts.map((part) => part.element));

  // Marked, so that a test can wait for the frame that shows what it did.
  const redraw = redrawer(() => { for (const part of parts) part.update(state.model); }, (is) => app.toggleAttribute("data-waiting", is), view.isDone);
  let hearing: ToWebview["type"] | undefined;
  state.watch(() => {
    if (flow.has(hearing)) redraw.soon();
    else redraw.now();
  });
  const save = saver(host.save);
  const ask = prober(host.post);
  state.watch(ask);
  state.watch((model, before) => {
    if (model.view !== before.view || model.host?.uri !== before.host?.uri) {
      save({ ...(model.host === undefined ? uriOf(saved) : { uri: model.host.uri }), view: model.view }, before.view);
    }
  });
  blinker({ store: state, calm: () => matchMedia("(prefers-reduced-motion: reduce)").matches || document.body.classList.contains("vscode-reduce-motion") });
  listenToKeys(panel, document);
  host.hear((message) => {
    view.written(receive(pictures, message));
    hearing = message.type;
    state.tell(message);
    hearing = undefined;
  });
  for (const [type, said] of [["error", (event: Event) => (event as ErrorEvent).message], ["unhandledrejection", (event: Event) => String((event as PromiseRejectionEvent).reason)]] as const) {
    window.addEventListener(type, (event) => { host.post({ type: "defect", message: said(event) }); });
  }
  // The theme changes the classes of the body; the canvases are drawn in its colours.
  new MutationObserver(() => { view.themed(); }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  redraw.now();
  host.post({ type: "ready" });
}

function uriOf(saved: unknown): { uri?: string } {
  const uri = typeof saved === "object" && saved !== null && "uri" in saved ? saved.uri : undefined;
  return typeof uri === "string" ? { uri } : {};
}
