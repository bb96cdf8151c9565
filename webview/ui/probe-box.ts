import { actionButton } from "./button.ts";
import { el, setAttribute, setText } from "../dom.ts";
import { value } from "../format.ts";
import type { MapKind } from "../messages.ts";
import type { Panel, Part } from "../panel.ts";
import { titles } from "../panes.ts";
import type { Reading } from "../probe.ts";
import { reading } from "../probe.ts";

/** The pixel probe: where it is, and each map's value of each class there. */
export function probeBox(panel: Panel): Part {
  const place = el("span", { class: "probe-place" });
  const pin = actionButton(panel, "pin");
  const table = el("table", { class: "probe-values" });
  const spoken = el("div", { class: "hidden", "aria-live": "polite" });
  const element = el("aside", { class: "probe", "aria-label": "Pixel probe", "data-probe": "" }, el("div", { class: "row" }, place, pin.element), table);
  let shown = "";
  return {
    element: el("div", { class: "probe-corner" }, element, spoken),
    update(model) {
      pin.update(model);
      const now = reading(model, panel.pictures);
      element.hidden = now === undefined;
      const text = JSON.stringify(now);
      if (now === undefined || text === shown) return;
      shown = text;
      element.classList.toggle("pinned", now.pinned);
      setText(place, `x ${now.x}  y ${now.y}`);
      table.replaceChildren(...(now.kinds.length === 0 ? [] : [headOf(now), ...now.rows.map((row) => rowOf(now, row))]), ...moreOf(now));
      const own = now.rows.find((row) => row.shown);
      for (const [name, data] of Object.entries({ x: now.x, y: now.y, simple: own?.values.simple, exact: own?.values.exact })) setAttribute(element, `data-${name}`, data);
      // Said aloud only where the user chose the pixel: a moving mouse would never stop talking.
      if (now.pinned) setText(spoken, sentenceOf(now));
    },
  };
}

function headOf({ kinds }: Reading): HTMLElement {
  return el("tr", {}, el("td"), ...kinds.map((kind) => el("th", { scope: "col", text: short[kind], title: titles[kind] })));
}

function rowOf({ kinds }: Reading, row: Reading["rows"][number]): HTMLElement {
  const label = el("th", { scope: "row", text: row.label, title: row.largest ? `${row.label}: the largest value` : row.label });
  return el(
    "tr", { class: `${row.shown ? "shown" : ""} ${row.largest ? "largest" : ""}`.trim() || undefined },
    label, ...kinds.map((kind) => el("td", { text: row.values[kind] === undefined ? "–" : value(row.values[kind]) })),
  );
}

function moreOf({ more, kinds }: Reading): HTMLElement[] {
  return more === 0 ? [] : [el("tr", {}, el("td", { colspan: kinds.length + 1, class: "quiet", text: `and ${more} smaller` }))];
}

function sentenceOf({ x, y, kinds, rows }: Reading): string {
  const values = rows.filter((row) => row.shown).flatMap((row) => kinds.map((kind) => `${row.label} ${titles[kind]} ${row.values[kind] === undefined ? "not computed" : value(row.values[kind])}`));
  const largest = rows.find((row) => row.largest);
  return [`x ${x}, y ${y}`, ...values, ...(largest === undefined ? [] : [`largest ${largest.label}`])].join(", ");
}

const short: Readonly<Record<MapKind, string>> = { simple: "simple", exact: "exact", mean: "mean", variance: "var." };
