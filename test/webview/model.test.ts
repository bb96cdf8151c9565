import { describe, expect, it } from "vitest";
import { actions, keyNames } from "../../webview/actions.ts";
import { figureCamera } from "../../webview/figure.ts";
import type { Model } from "../../webview/model.ts";
import { initialModel, initialView } from "../../webview/model.ts";
import { mainMap, panes } from "../../webview/panes.ts";
import { reading } from "../../webview/probe.ts";
import type { Happening } from "../../webview/reduce.ts";
import { reduce } from "../../webview/reduce.ts";
import { restoredView } from "../../webview/saved.ts";
import { progressPart, statusText, verifiedText } from "../../webview/status.ts";
import { sampleState } from "./sample.ts";

const size = { width: 512, height: 512 };
const map = (kind: "simple" | "exact" | "mean" | "variance", run = 1): Happening => ({ type: "map", kind, run, ...size, classIndex: 1 });

function after(...events: readonly Happening[]): Model {
  return events.reduce(reduce, initialModel);
}

describe("what happens to the model", () => {
  it("starts a picture anew: its maps go, a camera for another size too", () => {
    const camera = { x: 1, y: 2, scale: 3 };
    const looked = after({ type: "image", ...size }, map("simple"), { type: "view", change: { camera, pin: { x: 3, y: 4 } } });
    expect(reduce(looked, { type: "image", ...size })).toMatchObject({ maps: {}, view: { camera, pin: { x: 3, y: 4 } } });
    const { view } = reduce(looked, { type: "image", width: 10, height: 10 });
    expect([view.camera, view.pin]).toEqual([undefined, undefined]);
  });

  it("ignores progress of a run that is over", () => {
    const model = after(map("exact", 2), { type: "progress", kind: "exact", run: 1, done: 1, total: 2, pixelsPerSecond: 3 });
    expect(model.maps.exact?.progress).toBeUndefined();
  });

  it("says a thing once, and at most three", () => {
    const say = (text: string): Happening => ({ type: "notice", notice: { level: "information", text } });
    const { notices } = after(say("a"), say("b"), say("a"), say("c"), say("d"));
    expect(notices.map(({ text }) => text)).toEqual(["a", "c", "d"]);
    expect(new Set(notices.map(({ id }) => id)).size).toBe(3);
  });

  it("obeys the editor's commands", () => {
    expect(after({ type: "command", command: "swipe" }).view.view).toBe("swipe");
    expect(after({ type: "view", change: { camera: { x: 1, y: 1, scale: 1 } } }, { type: "command", command: "reset" }).view.camera).toBeUndefined();
  });
});

describe("panes", () => {
  const both = after(map("simple"), map("exact"));
  const looked = (view: Partial<Model["view"]>, model = both): Model => reduce(model, { type: "view", change: view });

  it.each([
    ["the exact map over the simple one", { view: "single" }, [[0, 800, "exact", "simple"]]],
    ["one alone", { view: "single", shown: "simple" }, [[0, 800, "simple", undefined]]],
    ["the picture alone", { view: "single", overlay: false }, [[0, 800, undefined, undefined]]],
    ["two halves of the same size", { view: "sideBySide" }, [[0, 399, "simple", undefined], [401, 399, "exact", undefined]]],
    ["two sides of a line", { view: "swipe", swipe: 0.25 }, [[0, 200, "simple", undefined], [200, 600, "exact", undefined]]],
    ["a difference", { view: "difference" }, [[0, 800, "exact", "simple"]]],
  ] as const)("shows %s", (_, view, expected) => {
    const shown = panes(looked(view), { width: 800, height: 600 });
    expect(shown.map(({ clip, layer }) => [clip.left, clip.width, layer.front, layer.back])).toEqual(expected);
  });

  it("puts two pictures above each other where the panel is tall", () => {
    const shown = panes(looked({ view: "sideBySide" }), { width: 300, height: 600 });
    expect(shown.map(({ frame }) => [frame.top, frame.height])).toEqual([[0, 299], [301, 299]]);
  });

  it("says of which map is not there that it is not", () => {
    const [, right] = panes(looked({ view: "sideBySide" }, after(map("simple"))), { width: 800, height: 600 });
    expect(right!.layer).toEqual({ difference: false, label: "exact · not computed" });
    expect(mainMap(looked({ view: "sideBySide" }, after(map("simple"))))).toBe("simple");
  });
});

describe("figure", () => {
  it("fills its panes with the whole picture, or looks where the user does", () => {
    const whole = after({ type: "image", ...size });
    expect(figureCamera(whole, { width: 1024, height: 1024 })).toEqual({ x: 256, y: 256, scale: 2 });
    const camera = { x: 10, y: 20, scale: 8 };
    expect(figureCamera(reduce(whole, { type: "view", change: { camera } }), { width: 1024, height: 1024 })).toEqual(camera);
  });
});

describe("restored view", () => {
  it.each([
    ["nothing", undefined, initialView],
    ["nonsense", { view: { view: "cube", threshold: 7, opacity: "no", camera: { x: 1, y: 1, scale: 0 }, swipe: null } }, initialView],
    ["what was saved", { uri: "x", view: { ...initialView, view: "swipe", threshold: 0.3, camera: { x: 1, y: 2, scale: 3 }, panel: "settings", pin: { x: 4, y: 5 } } },
      { ...initialView, view: "swipe", threshold: 0.3, camera: { x: 1, y: 2, scale: 3 }, panel: "settings", pin: { x: 4, y: 5 } }],
  ])("from %s", (_, saved, expected) => {
    expect(restoredView(saved)).toEqual(expected);
  });
});

describe("probe", () => {
  it("names the largest class and leaves the small ones of many out", () => {
    const labels = Array.from({ length: 20 }, (_, i) => `organ ${i}`);
    const state = sampleState(size);
    const values = labels.map((_, i) => (i === 17 ? 0.9 : i / 1000));
    const model = after({ type: "state", state: { ...state, net: { ...state.net!, labels } } }, { type: "image", ...size }, map("exact"),
      { type: "view", change: { pin: { x: 5, y: 6 } } }, { type: "probed", x: 5, y: 6, values: { exact: values } });
    const found = reading(model, { maps: {} })!;
    expect(found.rows.map(({ classIndex, largest }) => [classIndex, largest]).slice(0, 3)).toEqual([[1, false], [17, true], [19, false]]);
    expect([found.rows.length, found.more]).toEqual([6, 14]);
  });

  it("does not show one pixel's answer at another", () => {
    const model = after({ type: "state", state: sampleState(size) }, { type: "image", ...size }, map("exact"), { type: "hover", at: { x: 1, y: 1 } },
      { type: "probed", x: 2, y: 2, values: { exact: [0.1, 0.9] } });
    expect(reading(model, { maps: {} })!.rows.map(({ values }) => values)).toEqual([{}, {}]);
  });
});

describe("status", () => {
  it("tells progress, then what was measured and what estimated", () => {
    const state = sampleState(size);
    const running = after({ type: "state", state: { ...state, phase: "exact" } }, map("exact"),
      { type: "progress", kind: "exact", run: 1, done: 63, total: 100, pixelsPerSecond: 1.1e6, secondsLeft: 1.2 });
    expect(statusText(running)).toBe("exact 63 % · 1.1 Mpx/s · 1 s left");
    const summary = { simpleSeconds: 0.94, exactSeconds: 3.9, pixels: 4_000_000, memory: 412e6, speedUp: 1234, naiveSample: 200 };
    expect(statusText(reduce(running, { type: "state", state: { ...state, summary } })))
      .toBe("simple 940 ms · exact 3.9 s · 4,000,000 pixels · 412.0 MB · ≈ 1,200 x patch by patch (estimated from 200 patches)");
    expect(verifiedText({ type: "verified", pixels: 100, exact: { largest: 3e-6, mean: 0 }, simple: { largest: 0.4124, mean: 0.021 } }))
      .toBe("verified at 100 pixels · exact differs by at most 3.0e−6 (mean 0.000) · simple differs by at most 0.412 (mean 0.021)");
  });

  it("says which of many images is exported, for as long as that goes on", () => {
    const state = (phase: "exporting" | "idle"): Happening => ({ type: "state", state: sampleState(size, { phase }) });
    const exporting = after(state("exporting"), { type: "batch", done: 2, count: 5, name: "b.png", part: 0.5 }, state("exporting"));
    expect([statusText(exporting), progressPart(exporting)]).toEqual(["exporting image 3 of 5 · b.png · 50 %", 0.5]);
    expect(progressPart(reduce(exporting, state("idle")))).toBeUndefined();
  });
});

describe("actions", () => {
  it("have keys of their own", () => {
    const keys = actions.flatMap((each) => each.keys);
    expect(keys).toEqual([...new Set(keys)]);
    expect(actions.filter((each) => keyNames(each).length === 0)).toEqual([]);
  });
});
