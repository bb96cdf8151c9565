import { el, setText } from "../dom.ts";
import type { Panel, Part } from "../panel.ts";
import { cameraOf } from "../panel.ts";
import { scaleBar } from "../scale-bar.ts";

/** The scale bar, and how far the picture is zoomed. */
export function ruler({ size }: Panel): Part {
  const bar = el("div", { class: "ruler-bar" });
  const label = el("span", { class: "ruler-label" });
  const zoom = el("span", { class: "ruler-zoom", title: "Screen pixels per pixel" });
  const element = el("div", { class: "ruler", role: "img" }, el("div", { class: "row" }, label, zoom), bar);
  return {
    element,
    update(model) {
      element.hidden = model.picture === undefined;
      const { scale } = cameraOf(model, size());
      const { length, label: text } = scaleBar(scale, 120, model.host?.image?.micrometres);
      bar.style.width = `${length}px`;
      setText(label, text);
      setText(zoom, `${scale >= 0.1 ? Math.round(scale * 100) : (scale * 100).toFixed(1)} %`);
      element.setAttribute("aria-label", `The scale bar is ${text} long`);
    },
  };
}
