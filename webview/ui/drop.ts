import { el } from "../dom.ts";
import { icon } from "../icons.ts";
import type { Panel, Part } from "../panel.ts";

/** Takes files that are dropped anywhere on the panel, and shows while they hover what each kind does. */
export function dropZone({ store, post }: Panel, page: HTMLElement): Part {
  const zone = (name: "weights" | "picture" | "preprocessing", title: string, kinds: string): HTMLElement =>
    el("div", { class: "zone" }, icon(name), el("strong", { text: title }), el("span", { class: "quiet", text: kinds }));
  const element = el(
    "div", { class: "drop", "aria-hidden": "true" },
    zone("weights", "Weights", ".caffemodel"), zone("picture", "Image", ".png  .jpg  .tif"), zone("preprocessing", "Mean", ".binaryproto"),
  );
  let depth = 0;
  const over = (is: boolean): void => {
    if (!is) depth = 0;
    store.tell({ type: "dropping", over: is });
  };
  page.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth++;
    over(true);
  });
  page.addEventListener("dragover", (event) => { event.preventDefault(); });
  page.addEventListener("dragleave", () => {
    // Every child that is entered is first left.
    if (--depth <= 0) over(false);
  });
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    if (event.dataTransfer !== null) void take(event.dataTransfer);
  });
  return { element, update(model) { element.hidden = !model.dropping; } };

  async function take(data: DataTransfer): Promise<void> {
    const uris = ["application/vnd.code.uri-list", "text/uri-list"]
      .map((type) => data.getData(type).split(/\r?\n/).filter((line) => line !== "" && !line.startsWith("#")))
      .find((lines) => lines.length > 0);
    if (uris !== undefined) {
      post({ type: "dropped", uris });
      return;
    }
    const files = await Promise.all([...data.files].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })));
    if (files.length > 0) post({ type: "dropped", uris: [], files });
  }
}
