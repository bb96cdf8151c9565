import { el } from "../dom.ts";
import { icon } from "../icons.ts";
import type { IconName } from "../icons.ts";

export interface MenuItem {
  readonly text: string;
  readonly hint: string;
  readonly disabled?: boolean;
  readonly run: () => void;
}

/** A button that opens a list above it: arrow keys walk through it, Escape and a click elsewhere close it. */
export interface Menu {
  readonly element: HTMLElement;
  readonly button: HTMLButtonElement;
}

export function menu(text: string, title: string, name: IconName, items: () => { readonly title: string; readonly items: readonly MenuItem[] }): Menu {
  const list = el("div", { class: "menu", role: "menu", hidden: true });
  const button = el("button", { type: "button", class: "text-button", title, "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => { toggle(list.hidden === true); } }, icon(name), text, icon("down"));
  const element = el("div", { class: "menu-anchor" }, button, list);
  document.addEventListener("pointerdown", (event) => {
    if (!list.hidden && event.target instanceof Node && !element.contains(event.target)) toggle(false);
  });
  element.addEventListener("focusout", (event) => {
    if (!list.hidden && event.relatedTarget instanceof Node && !element.contains(event.relatedTarget)) toggle(false);
  });
  element.addEventListener("keydown", (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const at = buttons.findIndex((each) => each === document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? buttons.length - 1 : at - 1 + buttons.length, Home: 0, End: buttons.length - 1 }[event.key];
    if (event.key === "Escape" && !list.hidden) {
      toggle(false);
      button.focus();
    } else if (next !== undefined) {
      if (list.hidden) toggle(true);
      else buttons[next % buttons.length]?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { element, button };

  function toggle(open: boolean): void {
    list.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const shown = items();
    list.setAttribute("aria-label", shown.title);
    list.replaceChildren(el("div", { class: "menu-title", text: shown.title, "aria-hidden": "true" }), ...shown.items.map((item) => entry(item)));
    list.querySelector("button")?.focus();
  }

  function entry({ text: words, hint, disabled, run }: MenuItem): HTMLElement {
    return el(
      "button",
      { type: "button", role: "menuitem", tabindex: -1, "aria-disabled": disabled === true ? "true" : undefined, onclick: () => {
        if (disabled === true) return;
        toggle(false);
        button.focus();
        run();
      } },
      el("span", { text: words }), el("span", { class: "quiet small", text: hint }),
    );
  }
}
