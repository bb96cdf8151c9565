import type { Action } from "../actions.ts";
import { actions, keyNames } from "../actions.ts";
import { el } from "../dom.ts";
import { icon } from "../icons.ts";
import type { Panel, Part } from "../panel.ts";
import { whenChanged } from "../panel.ts";

const groups: readonly Action["group"][] = ["View", "Move", "Map", "Measure", "Run", "Panel"];
const mouse: readonly (readonly [string, string])[] = [
  ["drag", "Move the picture"], ["wheel", "Zoom at the cursor"], ["double click", "Zoom in; with Shift, out"], ["Shift+click", "Pin the probe"],
];

/** The list of keys, over everything else. */
export function help({ store }: Panel): Part {
  const close = el("button", { type: "button", class: "icon-button", title: "Close (Escape)", "aria-label": "Close", onclick: () => { store.tell({ type: "help", shown: false }); } }, icon("close"));
  const element = el(
    "dialog", { class: "help", "aria-label": "Keys" },
    el("div", { class: "row spread" }, el("h2", { text: "Keys" }), close),
    el("div", { class: "help-groups" }, ...groups.map((group) => list(group, actions.filter((each) => each.group === group).map((each) => [keyNames(each), each.title]))), list("Mouse", mouse.map(([what, does]) => [[what], does]))),
  );
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    store.tell({ type: "help", shown: false });
  });
  element.addEventListener("click", (event) => {
    // A click beside the list is a click on the dialog itself.
    if (event.target === element) store.tell({ type: "help", shown: false });
  });
  const show = whenChanged((...[open]: [boolean]) => {
    if (open) element.showModal();
    else element.close();
  });
  return { element, update: (model) => { show(model.help); } };
}

function list(title: string, entries: readonly (readonly [readonly string[], string])[]): HTMLElement {
  return el(
    "section", {}, el("h3", { text: title }),
    el("dl", {}, ...entries.map(([keys, does]) => el("div", {}, el("dt", {}, ...keys.map((key) => el("kbd", { text: key }))), el("dd", { text: does })))),
  );
}
