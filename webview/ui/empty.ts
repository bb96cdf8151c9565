import { el, setChildren } from "../dom.ts";
import type { IconName } from "../icons.ts";
import { icon } from "../icons.ts";
import type { FileChoice, State } from "../messages.ts";
import type { Panel, Part } from "../panel.ts";
import { whenChanged } from "../panel.ts";

/** What stands in the view while there is nothing to show: what is missing, and the ways to give it. */
export function empty(panel: Panel): Part {
  const element = el("div", { class: "empty" });
  const fill = whenChanged((...[host, pictured]: [State | undefined, boolean]) => {
    const shown = contents(panel, host, pictured);
    element.hidden = shown.length === 0;
    setChildren(element, shown);
  });
  return { element, update: (model) => { fill(model.host, model.picture !== undefined); } };
}

function contents({ post }: Panel, host: State | undefined, pictured: boolean): Node[] {
  if (host === undefined) return [el("p", { class: "quiet", text: "Reading the net…" })];
  if (host.problem !== undefined) {
    const { text, advice } = host.problem;
    return card("warning", "This net cannot be previewed", [
      el("p", { text }),
      ...(advice === undefined ? [] : [el("p", { class: "quiet", text: advice })]),
      row(button("Go to the net", () => { post({ type: "open", what: "net" }); }, true)),
    ]);
  }
  const cards: Node[] = [];
  if (host.missing.includes("weights")) cards.push(...weightsCard(host, post));
  if (host.missing.includes("image")) cards.push(...imageCard(host, post));
  // A picture that is there is looked at; what is missing then stands beside it in the status line.
  return pictured && cards.length > 0 && !host.missing.includes("weights") ? [] : cards;
}

function weightsCard(host: State, post: Panel["post"]): Node[] {
  const found = host.weights.map((file) => fileButton(file, () => { post({ type: "set", settings: { weights: file.path } }); }));
  return card("weights", "No weights yet", [
    el("p", { text: `Drop a .caffemodel here or choose one${found.length === 0 ? "." : found.length === 1 ? "; this one beside the net fits:" : "; these beside the net fit:"}` }),
    ...found,
    row(button("Choose weights…", () => { post({ type: "choose", what: "weights" }); }, found.length === 0)),
    ...dropHint(),
  ]);
}

function imageCard(host: State, post: Panel["post"]): Node[] {
  const found = host.images.map((file) => fileButton(file, () => { post({ type: "set", settings: { image: file.path } }); }));
  return card("picture", "No image yet", [
    el("p", { text: found.length === 0 ? "Drop a PNG, JPEG or TIFF here, or choose one." : "Drop a PNG, JPEG or TIFF here, choose one, or take one beside the net:" }),
    ...found.slice(0, 5),
    row(button("Choose an image…", () => { post({ type: "choose", what: "image" }); }, found.length === 0)),
    ...dropHint(),
  ]);
}

/** The editor keeps drags to itself unless Shift is held. */
function dropHint(): Node[] {
  return [el("p", { class: "quiet small", text: "Hold Shift while dropping a file into the panel." })];
}

function card(name: IconName, title: string, inside: readonly Node[]): Node[] {
  return [el("section", { class: "card" }, icon(name), el("h2", { text: title }), ...inside)];
}

function row(...inside: readonly Node[]): Node {
  return el("div", { class: "row" }, ...inside);
}

function button(text: string, onclick: () => void, primary: boolean): Node {
  return el("button", { type: "button", class: primary ? "text-button primary" : "text-button", text, onclick });
}

function fileButton({ name, path }: FileChoice, onclick: () => void): Node {
  return el("button", { type: "button", class: "text-button file", text: name, title: path, onclick });
}
