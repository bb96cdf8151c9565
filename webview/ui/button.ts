import { action, tooltip } from "../actions.ts";
import { el, setAttribute } from "../dom.ts";
import { icon } from "../icons.ts";
import type { Model } from "../model.ts";
import type { Panel, Part } from "../panel.ts";

/** A button that does an action: its icon, with its words where `text` is given, and a tooltip that names its key. */
export function actionButton(panel: Panel, name: string, text?: string, id?: string): Part {
  const of = action(name);
  const element = el(
    "button",
    { type: "button", class: text === undefined ? "icon-button" : "text-button", id, title: tooltip(of), "aria-label": text ?? of.title, "data-action": name, onclick: () => { panel.act(name); } },
    ...(of.icon === undefined ? [] : [icon(of.icon)]),
    ...(text === undefined ? [] : [text]),
  );
  return {
    element,
    update(model: Model) {
      element.disabled = of.enabled?.(model) === false;
      if (of.on !== undefined) setAttribute(element, "aria-pressed", of.on(model) ? "true" : "false");
    },
  };
}

/** Buttons that belong together, side by side. */
export function buttonGroup(label: string, buttons: readonly Part[]): Part {
  return {
    element: el("div", { class: "group", role: "group", "aria-label": label }, ...buttons.map(({ element }) => element)),
    update(model: Model) {
      for (const button of buttons) button.update(model);
    },
  };
}
