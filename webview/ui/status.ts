import { el, setAttribute, setText } from "../dom.ts";
import type { Part } from "../panel.ts";
import { progressPart, spokenProgress, statusText, verifiedText } from "../status.ts";

/** The line that says what is being done and what was measured. */
export function statusLine(): Part {
  const text = el("span", { class: "status-text", "data-status": "" });
  const checked = el("span", { class: "status-text", "data-verified": "" });
  const spoken = el("span", { class: "hidden", role: "status", "aria-live": "polite" });
  const element = el("div", { class: "status" }, text, checked, spoken);
  return {
    element,
    update(model) {
      setText(text, statusText(model));
      text.title = text.textContent ?? "";
      setText(checked, model.verified === undefined ? "" : verifiedText(model.verified));
      checked.hidden = model.verified === undefined;
      setText(spoken, spokenProgress(model));
    },
  };
}

/** The thin line that grows with the map. */
export function progressLine(): Part {
  const fill = el("div", { class: "progress-fill" });
  const element = el("div", { class: "progress", role: "progressbar", "aria-label": "Computed", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  return {
    element,
    update(model) {
      const part = progressPart(model);
      const busy = model.host !== undefined && !["empty", "idle"].includes(model.host.phase);
      element.classList.toggle("busy", busy && part === undefined);
      element.classList.toggle("quiet-line", !busy);
      fill.style.transform = `scaleX(${part ?? 0})`;
      setAttribute(element, "aria-valuenow", part === undefined ? undefined : Math.round(part * 100));
    },
  };
}
