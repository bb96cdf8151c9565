import { actionButton, buttonGroup } from "./button.ts";
import { exportMenu } from "./export-menu.ts";
import { preprocessingText } from "./preprocessing.ts";
import { scale } from "./scale.ts";
import { select } from "./select.ts";
import { statusLine } from "./status.ts";
import { el, setAttribute, setText } from "../dom.ts";
import { percent } from "../format.ts";
import type { Model, Shown } from "../model.ts";
import { shownNames, viewNames } from "../model.ts";
import type { Panel, Part } from "../panel.ts";
import { titles } from "../panes.ts";

/** The bar below the view: how to look, what to look at, what it says. */
export function toolbar(panel: Panel): Part {
  const views = buttonGroup("View", viewNames.map((name) => actionButton(panel, name)));
  const zooms = buttonGroup("Zoom", ["zoomOut", "zoomIn", "fit"].map((name) => actionButton(panel, name)));
  const parts = [views, zooms, mapPicker(panel), opacity(panel)];
  const bar = scale(panel);
  const status = statusLine();
  const preprocessing = actionButton(panel, "preprocessing", "Preprocessing");
  const settings = actionButton(panel, "settings");
  const summary = el("span", { class: "quiet button-note" });
  preprocessing.element.append(summary);
  const last = [actionButton(panel, "verify", "Verify"), exportMenu(panel), actionButton(panel, "copy"), preprocessing, settings, actionButton(panel, "help")];
  const element = el(
    "footer", { class: "bar", role: "toolbar", "aria-label": "View, map and results" },
    el("div", { class: "bar-left" },
      el("div", { class: "row wrap" }, ...parts.map((part) => part.element)),
      el("div", { class: "row wrap" }, ...last.map((part) => part.element)),
      status.element),
    bar.element,
  );
  return {
    element,
    update(model) {
      for (const part of [...parts, bar, status, ...last]) part.update(model);
      setText(summary, model.host === undefined ? "" : preprocessingText(model.host.settings));
      for (const [part, name] of [[preprocessing, "preprocessing"], [settings, "settings"]] as const) {
        part.element.removeAttribute("aria-pressed");
        setAttribute(part.element, "aria-expanded", model.view.panel === name ? "true" : "false");
        setAttribute(part.element, "aria-controls", name);
      }
    },
  };
}

/** Which class, and which of the maps. */
function mapPicker({ store, post }: Panel): Part {
  const classes = select({ id: "class", label: "Class", title: "Class (L)" }, (chosen) => { post({ type: "set", settings: { classIndex: Number(chosen) } }); });
  const shown = select({ id: "shown", label: "Shown map" }, (chosen) => { store.tell({ type: "view", change: { shown: shownNames.find((name) => name === chosen)! } }); });
  const pair = select({ id: "pair", label: "Compared maps" }, (chosen) => {
    store.tell({ type: "view", change: { pair: chosen === "mean variance" ? chosen : "simple exact" } });
  });
  return {
    element: el("div", { class: "row" }, classes.element, shown.element, pair.element),
    update(model: Model) {
      const labels = model.host?.net?.labels ?? [];
      classes.show(labels.map((text, i) => ({ value: String(i), text })), String(model.host?.settings.classIndex ?? 0));
      classes.element.hidden = labels.length === 0;
      classes.element.disabled = labels.length < 2;
      const { view } = model;
      const dropout = model.maps.mean !== undefined;
      shown.element.hidden = view.view !== "single";
      shown.show(shownNames.filter((name) => dropout || name === view.shown || (name !== "mean" && name !== "variance")).map((name) => ({ value: name, text: shownText(name) })), view.shown);
      pair.element.hidden = view.view === "single" || (!dropout && view.pair === "simple exact");
      pair.show([{ value: "simple exact", text: "simple | exact" }, { value: "mean variance", text: "dropout mean | variance" }], view.pair);
    },
  };
}

function shownText(name: Shown): string {
  return name === "best" ? "exact over simple" : titles[name];
}

function opacity(panel: Panel): Part {
  const { store } = panel;
  const overlay = actionButton(panel, "overlay");
  const slider = el("input", {
    type: "range", id: "opacity", min: 0, max: 1, step: 0.05, "aria-label": "Opacity", title: "Opacity of the map (, and .)",
    oninput: () => { store.tell({ type: "view", change: { opacity: Number(slider.value), overlay: true } }); },
  });
  return {
    element: el("div", { class: "row" }, overlay.element, slider),
    update(model: Model) {
      overlay.update(model);
      slider.value = String(model.view.opacity);
      setAttribute(slider, "aria-valuetext", percent(model.view.opacity, 0));
    },
  };
}
