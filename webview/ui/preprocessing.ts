import { field, numbersField, numbersIn } from "./field.ts";
import { choose, fileOptions, select } from "./select.ts";
import { context2d, el, setText } from "../dom.ts";
import { value } from "../format.ts";
import type { ChannelOrder, Settings } from "../messages.ts";
import type { Model, Seen } from "../model.ts";
import type { Panel, Part } from "../panel.ts";
import { whenChanged } from "../panel.ts";
import { thumbnail } from "../thumbnail.ts";

const orders: readonly (readonly [ChannelOrder, string])[] = [["bgr", "BGR"], ["rgb", "RGB"], ["gray", "grey"]];

/** What is done to the image before the net sees it, and what the net then sees. */
export function preprocessing({ post }: Panel): Part {
  const set = (settings: Partial<Settings>): void => { post({ type: "set", settings }); };
  let channels = 3;
  const order = select({ id: "channels", label: "Channel order" }, (chosen) => { set({ channels: orders.find(([name]) => name === chosen)![0] }); });
  const mean = numbersField("Mean, per channel or one for all", 16, (text) => {
    const numbers = numbersIn(text, [1, channels]);
    if (numbers !== undefined) set({ mean: numbers });
    return numbers !== undefined;
  });
  const meanFile = select({ id: "mean-file", label: "Mean from a file" }, (chosen) => {
    if (chosen === choose) post({ type: "choose", what: "mean" });
    else if (chosen !== "") set({ meanFile: chosen });
  });
  const scale = numbersField("Scale", 8, (text) => {
    const [number] = numbersIn(text, [1]) ?? [];
    if (number !== undefined && number !== 0) set({ scale: number });
    return number !== undefined && number !== 0;
  });
  const resize = numbersField("Resize", 6, (text) => {
    const [number] = numbersIn(text, [1]) ?? [];
    const good = number !== undefined && number > 0 && number <= 4;
    if (good) set({ resize: number });
    return good;
  });
  const canvas = el("canvas", { class: "seen", role: "img", "aria-label": "A patch from the middle of the picture, as the net sees it" });
  const caption = el("figcaption", { class: "quiet" });
  const figure = el("figure", {}, canvas, caption);
  const element = el(
    "section", { class: "panel", id: "preprocessing", "aria-label": "Preprocessing" },
    el("div", { class: "fields" },
      field("Channels", order.element, "The order in which the net was trained to see them; OpenCV and Caffe read BGR"),
      field("Mean", mean.element, "Taken from each channel, in the net's order, on the scale 0 to 255"),
      field("Mean file", meanFile.element, "A .binaryproto whose mean per channel is taken"),
      field("Scale", scale.element, "What is left is multiplied by this; 0.00390625 brings 0..255 to 0..1"),
      field("Resize", resize.element, "0.5 halves the image's rows and columns before the net sees it")),
    figure,
  );
  const paint = whenChanged((...[seen, channelOrder]: [Seen | undefined, ChannelOrder]) => {
    figure.hidden = seen === undefined;
    if (seen === undefined) return;
    canvas.width = seen.width;
    canvas.height = seen.height;
    context2d(canvas).putImageData(new ImageData(thumbnail(seen, channelOrder), seen.width, seen.height), 0, 0);
    setText(caption, `what the net sees: ${value(seen.smallest)} … ${value(seen.largest)}`);
  });
  return {
    element,
    update(model: Model) {
      const settings = model.host?.settings;
      element.hidden = model.view.panel !== "preprocessing" || settings === undefined;
      if (element.hidden || settings === undefined) return;
      channels = model.host?.net?.channels ?? 3;
      order.show(orders.filter(([name]) => (name === "gray") === (channels === 1)).map(([name, text]) => ({ value: name, text })), settings.channels);
      mean.show(settings.mean.map((each) => String(Number(each.toFixed(3)))).join(", "));
      meanFile.show(fileOptions(model.host?.means ?? [], settings.meanFile, "none: numbers"), settings.meanFile ?? "");
      scale.show(String(settings.scale));
      resize.show(String(settings.resize));
      paint(model.seen, settings.channels);
    },
  };
}

/** The preprocessing in a few words, for its button: `BGR, mean.binaryproto, x1`. */
export function preprocessingText({ channels, mean, meanFile, scale, resize }: Settings): string {
  const file = meanFile?.split(/[\\/]/).at(-1);
  const numbers = mean.every((each) => each === 0) ? "no mean" : `mean ${mean.map((each) => Math.round(each)).join(" ")}`;
  return [
    orders.find(([name]) => name === channels)![1],
    file ?? numbers,
    `x${Number(scale.toPrecision(3))}`,
    ...(resize === 1 ? [] : [`resized ${resize}`]),
  ].join(", ");
}
