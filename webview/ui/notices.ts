import { el } from "../dom.ts";
import { icon } from "../icons.ts";
import type { Model } from "../model.ts";
import type { NetInfo } from "../messages.ts";
import type { Panel, Part } from "../panel.ts";
import { whenChanged } from "../panel.ts";

/** Time that good news stays; what needs the user stays until it is put away. */
const milliseconds = 8000;

/** What the host or the panel says, newest last. */
export function notices({ store }: Panel): Part {
  const element = el("div", { class: "notices", role: "log", "aria-live": "polite", "aria-label": "Notices" });
  let newest = 0;
  const fill = whenChanged((...[all]: [Model["notices"]]) => {
    for (const { id, level } of all) if (id > newest && level === "information") setTimeout(() => { store.tell({ type: "dismiss", id }); }, milliseconds);
    newest = Math.max(newest, ...all.map(({ id }) => id));
    element.replaceChildren(...all.map(({ id, level, text, advice }) => el(
      "div", { class: `notice ${level}` },
      icon(level),
      el("div", {}, el("span", { text }), ...(advice === undefined ? [] : [el("span", { class: "quiet", text: ` ${advice}` })])),
      el("button", { type: "button", class: "icon-button", title: "Put away", "aria-label": "Put away", onclick: () => { store.tell({ type: "dismiss", id }); } }, icon("close")),
    )));
  });
  return { element, update: (model) => { fill(model.notices); } };
}

/** Why the map will not equal the patch classifier, with the codes of the rules that say so. */
export function obstacles({ post }: Panel): Part {
  const title = el("summary");
  const list = el("ul");
  const element = el("details", { class: "obstacles" }, title, list);
  const fill = whenChanged((...[all]: [NetInfo["obstacles"]]) => {
    const codes = [...new Set(all.map(({ code }) => code))];
    title.replaceChildren(icon("warning"), el("span", { text: `Approximate: this net's map will differ from the patch classifier (${codes.join(", ")})` }));
    list.replaceChildren(
      ...all.map(({ code, message }) => el("li", {}, el("code", { text: code }), ` ${message}`)),
      el("li", { class: "bare" }, el("button", { type: "button", class: "link", text: "What the rules mean", onclick: () => { post({ type: "open", what: "rules" }); } })),
    );
  });
  return {
    element,
    update({ host }) {
      const all = host?.net?.obstacles ?? none;
      element.hidden = all.length === 0;
      fill(all);
    },
  };
}

const none: NetInfo["obstacles"] = [];
