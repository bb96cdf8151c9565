import { el, setAttribute } from "../dom.ts";
import { percent } from "../format.ts";
import type { Panel, Part } from "../panel.ts";

/** The line between the two sides of a swipe: dragged, or moved with the arrow keys. */
export function swipeHandle({ store, size }: Panel): Part {
  const move = (swipe: number): void => {
    store.tell({ type: "view", change: { swipe: Math.min(Math.max(swipe, 0), 1) } });
  };
  const element = el(
    "div",
    { class: "swipe", role: "separator", tabindex: 0, "aria-orientation": "vertical", "aria-label": "Simple to the left, exact to the right", "aria-valuemin": 0, "aria-valuemax": 100, title: "Drag, or arrow keys" },
    el("span", { class: "swipe-grip", "aria-hidden": "true" }),
  );
  element.addEventListener("pointerdown", (event) => { element.setPointerCapture(event.pointerId); });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) move((event.clientX - element.parentElement!.getBoundingClientRect().left) / size().width);
  });
  element.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1, Home: -1, End: 1 }[event.key];
    if (by === undefined || event.shiftKey) return;
    event.preventDefault();
    move(store.model.view.swipe + by);
  });
  return {
    element,
    update({ view, picture }) {
      element.hidden = view.view !== "swipe" || picture === undefined;
      element.style.transform = `translateX(${Math.round(view.swipe * size().width)}px)`;
      setAttribute(element, "aria-valuenow", Math.round(view.swipe * 100));
      setAttribute(element, "aria-valuetext", percent(view.swipe, 0));
    },
  };
}
