import { canRun, running } from "../actions.ts";
import { el, setText } from "../dom.ts";
import { square } from "../format.ts";
import type { NetInfo } from "../messages.ts";
import type { Model } from "../model.ts";
import type { Panel, Part } from "../panel.ts";
import { whenChanged } from "../panel.ts";
import { needs } from "../status.ts";
import { actionButton } from "./button.ts";
import { providerChip } from "./provider.ts";
import { choose, fileOptions, select } from "./select.ts";

/** The line above the view: which net, which files, and Run. */
export function header(panel: Panel): Part {
  const { post } = panel;
  const name = el("h1", { class: "net-name" });
  const facts = el("span", { class: "facts" });
  const weights = select({ id: "weights", label: "Weights", title: "Weights of the net (.caffemodel)" }, (value) => {
    if (value === choose) post({ type: "choose", what: "weights" });
    else if (value !== "") post({ type: "set", settings: { weights: value } });
  });
  const image = select({ id: "image", label: "Image", title: "Image (Page Up, Page Down)" }, (value) => {
    if (value === choose) post({ type: "choose", what: "image" });
    else if (value !== "") post({ type: "set", settings: { image: value } });
  });
  const run = actionButton(panel, "run", "Run", "run");
  const cancel = actionButton(panel, "cancel", "Cancel", "cancel");
  const provider = providerChip(panel);
  const stale = el("span", { class: "chip warning", title: "The net or its weights have changed since the last run (R runs again)", text: "changed since the run" });
  const element = el(
    "header", {},
    el("div", { class: "net" }, name, facts),
    el("div", { class: "files" }, stale, weights.element, image.element, run.element, cancel.element, provider.element),
  );
  run.element.classList.add("primary");
  const describe = whenChanged((...[net]: [NetInfo | undefined]) => {
    setText(name, net?.name ?? "");
    facts.replaceChildren(...(net === undefined ? [] : factsOf(net)));
  });
  return {
    element,
    update(model: Model) {
      const { host } = model;
      describe(host?.net);
      stale.hidden = host?.stale !== true || running(model);
      weights.show(fileOptions(host?.weights ?? [], host?.settings.weights, "no weights yet"), host?.settings.weights ?? "");
      image.show(fileOptions(host?.images ?? [], host?.settings.image, "no image yet"), host?.settings.image ?? "");
      for (const { element: files } of [weights, image]) files.disabled = host === undefined;
      run.update(model);
      cancel.update(model);
      run.element.hidden = running(model);
      cancel.element.hidden = !running(model);
      run.element.title = canRun(model) || host === undefined || host.missing.length === 0 ? "Run (R)" : `Run (R): needs ${needs(host.missing)}`;
      provider.update(model);
    },
  };
}

function factsOf(net: NetInfo): Node[] {
  const fact = (text: string, title: string): Node => el("span", { class: "fact", text, title });
  return [
    fact(`patch ${square(net.patch)}`, "Rows and columns of the patch that one answer is about"),
    fact(`stride ${square(net.stride)}`, "Pixels from one sample of the simple map to the next"),
    fact(`field ${square(net.field)}`, "Rows and columns that one answer sees"),
    fact(net.given === "patch" ? "patch classifier, converted in memory" : "fully convolutional", "What the file holds"),
  ];
}
