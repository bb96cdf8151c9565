import { field, numbersField, numbersIn } from "./field.ts";
import { providerTitle } from "./provider.ts";
import { select } from "./select.ts";
import { el } from "../dom.ts";
import type { ProviderName, Settings } from "../messages.ts";
import type { Model } from "../model.ts";
import type { Panel, Part } from "../panel.ts";

const providers: readonly ProviderName[] = ["auto", "cpu", "cuda", "tensorrt", "dml", "coreml", "webgpu"];

/** What is computed, and on what. */
export function settingsPanel({ post }: Panel): Part {
  const set = (settings: Partial<Settings>): void => { post({ type: "set", settings }); };
  const provider = select({ id: "provider", label: "Provider" }, (chosen) => { set({ provider: providers.find((name) => name === chosen)! }); });
  const output = select({ id: "output", label: "Shown blob" }, (chosen) => { set({ output: chosen, classIndex: 0 }); });
  const displacement = select({ id: "displacement", label: "Displacement" }, (chosen) => { set({ displacement: Number(chosen) }); });
  const runs = numbersField("Dropout runs", 4, (text) => {
    const [number] = numbersIn(text, [1]) ?? [];
    const good = number !== undefined && Number.isInteger(number) && number >= 0 && number <= 1000;
    if (good) set({ dropoutRuns: number });
    return good;
  });
  const seed = numbersField("Dropout seed", 6, (text) => {
    const [number] = numbersIn(text, [1]) ?? [];
    const good = number !== undefined && Number.isInteger(number) && number >= 0;
    if (good) set({ dropoutSeed: number });
    return good;
  });
  const refresh = el("input", { type: "checkbox", id: "refresh", onchange: () => { set({ refreshOnSave: refresh.checked }); } });
  const labels = el("button", { type: "button", class: "text-button", onclick: () => { post({ type: "choose", what: "labels" }); } });
  const check = el("button", { type: "button", class: "text-button", text: "Check…", title: "Which providers work here, and what the others lack", onclick: () => { post({ type: "open", what: "providers" }); } });
  const dropout = [
    field("Dropout runs", runs.element, "Runs with dropout left on: mean and variance over them as maps; 0 for none"),
    field("Dropout seed", seed.element, "The same seed gives the same runs"),
  ];
  const element = el(
    "section", { class: "panel", id: "settings", "aria-label": "Settings" },
    el("div", { class: "fields" },
      field("Provider", el("span", { class: "row" }, provider.element, check), "What computes; where it cannot, the next one does, and the panel says so"),
      field("Shown blob", output.element, "The net's output, or any other layer's"),
      field("Exact at", displacement.element, "Every pixel, or every so many in both directions: faster, interpolated between"),
      ...dropout,
      field("Class labels", labels, "A text file with one label per line"),
      el("label", { class: "field check" }, refresh, el("span", { text: "Run again on save" }))),
  );
  return {
    element,
    update(model: Model) {
      const { host } = model;
      element.hidden = model.view.panel !== "settings" || host === undefined;
      if (element.hidden || host === undefined) return;
      const { settings, net } = host;
      provider.show(providers.map((name) => ({ value: name, text: providerTitle(name) })), settings.provider);
      const outputs = net?.outputs ?? [];
      output.show(outputs.map((name, i) => ({ value: name, text: i === 0 ? `${name} (output)` : name })), settings.output);
      displacement.show((net?.displacements ?? [1]).map((every) => ({ value: String(every), text: every === 1 ? "every pixel" : `every ${every} pixels` })), String(settings.displacement));
      runs.show(String(settings.dropoutRuns));
      seed.show(String(settings.dropoutSeed));
      for (const each of dropout) each.hidden = net?.dropout !== true;
      refresh.checked = settings.refreshOnSave;
      labels.textContent = net?.labelsFile?.split(/[\\/]/).at(-1) ?? "Choose labels…";
    },
  };
}
