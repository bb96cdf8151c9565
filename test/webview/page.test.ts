import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { fit, toView, zoomAt, onWholePixels } from "../../webview/camera.ts";
import type { ToWebview } from "../../webview/messages.ts";
import { palette } from "../../webview/palette.ts";
import type { Harness, OpenSettings, Viewer } from "./harness.ts";
import { harness, hasBrowser } from "./harness.ts";
import { apart, look } from "./pixels.ts";
import { emptyState, mapMessages, pictureMessages, sample, sampleState } from "./sample.ts";

// The browser draws without a graphics card here, on whatever the machine has left.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const tissue = sample();
const picture = pictureMessages(tissue);
const simple = mapMessages("simple", tissue, tissue.simple);
const exact = mapMessages("exact", tissue, tissue.exact);
const everything: readonly ToWebview[] = [{ type: "state", state: sampleState(tissue) }, ...picture, ...simple, ...exact];

describe.skipIf(!hasBrowser)("the panel in a browser", () => {
  let browser: Harness;
  let viewer: Viewer;
  beforeAll(async () => { browser = await harness(); });
  afterAll(async () => { await browser.close(); });
  afterEach(async () => {
    await viewer.page.context().close();
    expect(viewer.defects).toEqual([]);
  });

  async function open(settings: OpenSettings = {}, messages: readonly ToWebview[] = everything): Promise<void> {
    viewer = await browser.open(settings);
    await viewer.send(...messages);
  }

  /** Where a pixel of the picture is on the page, as a fitted view of one picture shows it. */
  async function placeOf(x: number, y: number): Promise<{ x: number; y: number }> {
    const box = (await viewer.page.locator("#view").boundingBox())!;
    const at = toView(onWholePixels(fit(tissue, box), box, 1), box, { x: x + 0.5, y: y + 0.5 });
    return { x: box.x + at.x, y: box.y + at.y };
  }

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await viewer.page.keyboard.press(key);
    await viewer.frame();
  };
  const text = async (selector: string): Promise<string> => (await viewer.page.locator(selector).textContent()) ?? "";

  /** The colour a pixel should have: the map's colour over the picture's, half and half. */
  function colourOf(map: Float32Array, x: number, y: number, opacity = 0.5): number[] {
    const at = y * tissue.width + x;
    const from = 3 * Math.round(map[at]! * 255);
    return [0, 1, 2].map((c) => tissue.pixels[4 * at + c]! * (1 - opacity) + palette("viridis")[from + c]! * opacity);
  }

  it("starts without complaint and draws the map's colours over the picture's", async () => {
    await open();
    expect(await viewer.page.locator(".stage").getAttribute("data-renderer")).toBe("webgl");
    await press("c");
    const seen = await look(viewer);
    for (const [x, y] of [[300, 100], [100, 300], [256, 256], [400, 20]] as const) {
      const { x: left, y: top } = await placeOf(x, y);
      expect(apart(seen.at(left, top), colourOf(tissue.exact, x, y)), `${x},${y}`).toBeLessThanOrEqual(2);
    }
    await press("o");
    const { x, y } = await placeOf(256, 256);
    expect(apart((await look(viewer)).at(x, y), [...tissue.pixels.slice(4 * (256 * 512 + 256), 4 * (256 * 512 + 256) + 3)])).toBeLessThanOrEqual(1);
  });

  it("zooms at the cursor, shows pixels as squares, pans by dragging, and comes back", async () => {
    await open();
    await press("c");
    const box = (await viewer.page.locator("#view").boundingBox())!;
    const exactly = await placeOf(300, 200);
    // Wheels tell whole pixels only.
    const start = { x: Math.round(exactly.x), y: Math.round(exactly.y) };
    await viewer.page.mouse.move(start.x, start.y);
    for (let i = 0; i < 6; i++) await viewer.page.mouse.wheel(0, -240);
    await expect.poll(async () => (await viewer.saved() as { view: { camera?: { scale: number } } }).view.camera?.scale ?? 0).toBeGreaterThan(10);
    const { view } = await viewer.saved() as { view: { camera: { x: number; y: number; scale: number } } };
    const expected = zoomAt(fit(tissue, box), box, tissue, { x: start.x - box.x, y: start.y - box.y }, view.camera.scale / fit(tissue, box).scale);
    expect(view.camera.x).toBeCloseTo(expected.x, 3);
    expect(view.camera.y).toBeCloseTo(expected.y, 3);
    const probe = viewer.page.locator("[data-probe]");
    expect([await probe.getAttribute("data-x"), await probe.getAttribute("data-y")]).toEqual(["300", "200"]);
    const seen = await look(viewer);
    for (const [dx, dy] of [[0, 0], [2, 1], [-3, -2]] as const) {
      const at = toView(view.camera, box, { x: 300.5 + dx, y: 200.5 + dy });
      const corner = toView(view.camera, box, { x: 300.05 + dx, y: 200.95 + dy });
      expect(apart(seen.at(box.x + at.x, box.y + at.y), colourOf(tissue.exact, 300 + dx, 200 + dy))).toBeLessThanOrEqual(2);
      expect(seen.at(box.x + at.x, box.y + at.y)).toEqual(seen.at(box.x + corner.x + 1, box.y + corner.y - 1));
    }
    await viewer.page.mouse.down();
    await viewer.page.mouse.move(start.x + 3 * view.camera.scale, start.y + view.camera.scale, { steps: 5 });
    await viewer.page.mouse.up();
    expect([await probe.getAttribute("data-x"), await probe.getAttribute("data-y")]).toEqual(["300", "200"]);
    const looking = await viewer.said("looking", ({ width }) => width < 200);
    expect(looking.left).toBeGreaterThan(200);
    await press("0");
    expect((await viewer.saved() as { view: object }).view).not.toHaveProperty("camera");
  });

  it("reads the values under the mouse, asks for the other classes, and pins", async () => {
    await open();
    const { x, y } = await placeOf(410, 190);
    await viewer.page.mouse.move(x, y);
    expect(await viewer.said("probe")).toEqual({ type: "probe", x: 410, y: 190 });
    await viewer.send({ type: "probed", x: 410, y: 190, values: { simple: [0.25, 0.75], exact: [0.125, 0.875] } });
    const probe = viewer.page.locator("[data-probe]");
    const at = 190 * 512 + 410;
    expect(Number(await probe.getAttribute("data-exact"))).toBe(tissue.exact[at]);
    expect(Number(await probe.getAttribute("data-simple"))).toBe(tissue.simple[at]);
    expect(await probe.locator("tr.largest th").textContent()).toBe("nucleus");
    expect(await probe.locator("tr", { hasText: "background" }).textContent()).toBe("background0.2500.125");
    await press("p");
    await viewer.page.mouse.move(x - 50, y);
    await press("Shift+ArrowRight", "Shift+ArrowDown");
    expect([await probe.getAttribute("data-x"), await probe.getAttribute("data-y")]).toEqual(["411", "191"]);
    await expect.poll(() => text(".probe-corner [aria-live]")).toContain("x 411, y 191");
    await press("p");
    expect(await probe.isVisible()).toBe(true);
  });

  it("moves the contour and the percentage with the threshold", async () => {
    await open();
    const above = async (): Promise<string> => text("[data-above]");
    const count = (threshold: number): string => `${((100 * tissue.exact.filter((value) => value >= threshold).length) / tissue.exact.length).toFixed(1)} %`;
    expect(await above()).toBe(`0.500 · ${count(0.5)} above`);
    // A pixel between: above a low threshold, below a high one.
    const index = tissue.exact.findIndex((value, i) => value > 0.3 && value < 0.7 && i % 512 > 100 && i % 512 < 400 && i > 512 * 60 && i < 512 * 400);
    await press("m");
    const place = await placeOf(index % 512, Math.floor(index / 512));
    await viewer.page.locator("#threshold").fill("0.25");
    await press("c");
    expect(await above()).toBe(`0.250 · ${count(0.25)} above`);
    const low = (await look(viewer)).at(place.x, place.y);
    expect(apart(low, colourOf(tissue.exact, index % 512, Math.floor(index / 512)))).toBeLessThanOrEqual(2);
    await viewer.page.locator("#threshold").fill("0.75");
    await viewer.frame();
    const high = (await look(viewer)).at(place.x, place.y);
    expect(apart(high, [...tissue.pixels.slice(4 * index, 4 * index + 3)])).toBeLessThanOrEqual(1);
    await press("[", "[");
    expect(await viewer.page.locator("#threshold").inputValue()).toBe("0.73");
  });

  it("compares by swipe, blink, difference and side by side, locked", async () => {
    await open({ reducedMotion: true });
    await press("c");
    // Where the two maps differ most, away from what lies over the view.
    let index = 0;
    let most = 0;
    for (let i = 512 * 60; i < 512 * 400; i++) {
      const size = Math.abs(tissue.exact[i]! - tissue.simple[i]!);
      if (size > most && i % 512 > 270 && i % 512 < 420) [index, most] = [i, size];
    }
    const [x, y] = [index % 512, Math.floor(index / 512)];
    const place = await placeOf(x, y);
    const colour = async (): Promise<readonly number[]> => (await look(viewer)).at(place.x, place.y);
    expect(apart(colourOf(tissue.simple, x, y), colourOf(tissue.exact, x, y))).toBeGreaterThan(30);

    await press("3");
    expect(apart(await colour(), colourOf(tissue.exact, x, y))).toBeLessThanOrEqual(2);
    const handle = viewer.page.locator("[role=separator]");
    await handle.focus();
    await press("End");
    expect(apart(await colour(), colourOf(tissue.simple, x, y))).toBeLessThanOrEqual(2);
    const box = (await viewer.page.locator("#view").boundingBox())!;
    await press("Home");
    await viewer.page.mouse.move(box.x + 5, box.y + 200);
    await viewer.page.mouse.down();
    await viewer.page.mouse.move(box.x + 300, box.y + 200, { steps: 3 });
    await viewer.page.mouse.up();
    await viewer.frame();
    expect(await handle.getAttribute("aria-valuenow")).toBe("25");
    await viewer.page.locator("#view").focus();

    await press("4");
    expect(apart(await colour(), colourOf(tissue.simple, x, y))).toBeLessThanOrEqual(2);
    await press(" ");
    expect(apart(await colour(), colourOf(tissue.exact, x, y))).toBeLessThanOrEqual(2);

    await press("5");
    const colours = palette("difference");
    const from = 3 * Math.round(((tissue.exact[index]! - tissue.simple[index]! + 1) / 2) * 255);
    const expected = [0, 1, 2].map((c) => (tissue.pixels[4 * index + c]! + colours[from + c]!) / 2);
    expect(apart(await colour(), expected)).toBeLessThanOrEqual(2);
    expect(await text("[data-above]")).toContain("largest 1.000 at ");

    await press("2", "+", "+", "ArrowRight");
    const { view } = await viewer.saved() as { view: { camera: { x: number; y: number; scale: number } } };
    const side = { width: (box.width - 2) / 2, height: box.height };
    const at = toView(view.camera, side, { x: Math.floor(view.camera.x) + 0.5, y: Math.floor(view.camera.y) + 0.5 });
    const seen = await look(viewer);
    const [cx, cy] = [Math.floor(view.camera.x), Math.floor(view.camera.y)];
    expect(apart(seen.at(box.x + at.x, box.y + at.y), colourOf(tissue.simple, cx, cy))).toBeLessThanOrEqual(2);
    expect(apart(seen.at(box.x + box.width - side.width + at.x, box.y + at.y), colourOf(tissue.exact, cx, cy))).toBeLessThanOrEqual(2);
  });

  it("draws the same without a graphics card", async () => {
    for (const keys of [[], ["2", "+", "+"], ["5"], ["-"]]) {
      const seen = [];
      for (const webgl of [true, false]) {
        await open({ webgl, width: 700, height: 560 }, [...everything.slice(0, -6)]);
        expect(await viewer.page.locator(".stage").getAttribute("data-renderer")).toBe(webgl ? "webgl" : "canvas");
        await press(...keys);
        seen.push(await look(viewer));
        expect(viewer.defects).toEqual([]);
        if (webgl) await viewer.page.context().close();
      }
      const [one, other] = seen;
      let unlike = 0;
      for (let y = 0; y < 560; y++) for (let x = 0; x < 700; x++) if (apart(one!.at(x, y), other!.at(x, y)) > 3) unlike++;
      // Places that fall on the border between two pixels may go to either.
      expect(unlike / (700 * 560), keys.join()).toBeLessThan(0.002);
      if (keys[0] !== "-") await viewer.page.context().close();
    }
  });

  it("is worked by keys alone and says what it does", async () => {
    await open();
    await press("l");
    expect(await viewer.said("set")).toEqual({ type: "set", settings: { classIndex: 0 } });
    await press("r", "v", "PageDown");
    expect(await viewer.said("run")).toEqual({ type: "run" });
    expect(await viewer.said("verify")).toEqual({ type: "verify", pixels: 100 });
    expect((await viewer.said("set", ({ settings }) => settings.image !== undefined)).settings.image).toContain("301x257");
    await press("k", "e");
    expect(await viewer.page.locator("#preprocessing").isVisible()).toBe(true);
    await press("Escape", "?");
    expect(await viewer.page.locator("dialog").isVisible()).toBe(true);
    await press("Escape");
    expect(await viewer.page.locator("dialog").isVisible()).toBe(false);
    await viewer.send({ type: "state", state: sampleState(tissue, { phase: "exact" }) });
    await press("Escape");
    await viewer.said("cancel");
    // Tab reaches every control that is there, and each has a name.
    await viewer.send({ type: "state", state: sampleState(tissue) });
    const controls = await viewer.page.evaluate(() => [...document.querySelectorAll("button, select, input, canvas[tabindex], [role=separator], summary")]
      .filter((each) => each.checkVisibility() && !(each as HTMLButtonElement).disabled)
      .map((each) => each.getAttribute("aria-label") ?? (each as HTMLInputElement).labels?.[0]?.textContent ?? each.textContent ?? ""));
    expect(controls.filter((name) => name.trim() === "")).toEqual([]);
    const reached = new Set<string>();
    for (let i = 0; i < controls.length + 3; i++) {
      await viewer.page.keyboard.press("Tab");
      reached.add(await viewer.page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""));
    }
    expect(controls.filter((name) => !reached.has(name))).toEqual([]);
  });

  it("exports what is shown, and copies the view", async () => {
    await open();
    await viewer.page.locator("#threshold").fill("0.3");
    await viewer.page.locator("[data-action=export]").focus();
    await press("Enter", "ArrowDown", "ArrowDown", "ArrowDown", "Enter");
    expect(await viewer.said("export")).toEqual({ type: "export", format: "png-mask", kind: "exact", threshold: 0.3, colourMap: "viridis", opacity: 0.5 });
    await press("Enter", "End", "Enter");
    const { images, ...look } = await viewer.said("exportAll");
    expect(look).toEqual({ type: "exportAll", kind: "exact", threshold: 0.3, colourMap: "viridis", opacity: 0.5 });
    expect(images.map(({ name }) => name)).toEqual(sampleState(tissue).images.map(({ name }) => name));
    await press("Enter", "End", "ArrowUp", "Enter");
    const figure = await viewer.said("export", ({ format }) => format === "figure");
    expect((figure.png as unknown as { bytes: number }).bytes).toBeGreaterThan(50_000);
    const box = (await viewer.page.locator("#view").boundingBox())!;
    await viewer.page.locator("#view").focus();
    await press("y");
    await expect.poll(() => text(".notices")).toContain("clipboard");
    const size = await viewer.page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const { width, height } = await createImageBitmap(await item!.getType("image/png"));
      return { width, height };
    });
    expect(size).toEqual({ width: box.width, height: box.height });
  });

  it("teaches what is missing", async () => {
    await open({}, [{ type: "state", state: emptyState(tissue) }]);
    expect(await text(".empty")).toContain("Drop a .caffemodel here or choose one; this one beside the net fits:");
    await viewer.page.locator(".empty button", { hasText: "nuclei32.caffemodel" }).click();
    expect(await viewer.said("set")).toEqual({ type: "set", settings: { weights: "/samples/nuclei32/nuclei32.caffemodel" } });
    await viewer.page.locator(".empty button", { hasText: "Choose an image" }).click();
    expect(await viewer.said("choose")).toEqual({ type: "choose", what: "image" });
    expect(await viewer.page.locator("#run").isDisabled()).toBe(true);
    await viewer.send({ type: "state", state: { ...emptyState(tissue), problem: { level: "error", text: "no layer above makes 'pol2'.", advice: "Did you mean 'pool2'?" } } });
    expect(await text(".empty")).toContain("no layer above makes 'pol2'.Did you mean 'pool2'?");
    await viewer.page.locator(".empty button").click();
    expect(await viewer.said("open")).toEqual({ type: "open", what: "net" });
    const state = sampleState(tissue);
    await viewer.send({ type: "state", state: { ...state, net: { ...state.net!, obstacles: [{ code: "padding", message: "conv1 pads its input by 2." }] } } });
    expect(await text(".obstacles summary")).toContain("Approximate");
    await viewer.page.locator(".obstacles summary").click();
    expect(await text(".obstacles ul")).toContain("padding conv1 pads its input by 2.");
  });

  it("takes dropped files, with an address or without", async () => {
    await open();
    const drop = async (uris: string): Promise<void> => viewer.page.evaluate((list) => {
      const data = new DataTransfer();
      if (list === "") data.items.add(new File(["abc"], "mean.binaryproto"));
      else data.setData("text/uri-list", list);
      for (const type of ["dragenter", "dragover"]) document.getElementById("view")!.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      requestAnimationFrame(() => { requestAnimationFrame(() => {
        document.body.dataset["zones"] = String(document.querySelector(".drop")!.checkVisibility());
        document.getElementById("view")!.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
      }); });
    }, uris);
    await drop("file:///a.png\r\nfile:///b.png");
    expect(await viewer.said("dropped")).toEqual({ type: "dropped", uris: ["file:///a.png", "file:///b.png"] });
    expect(await viewer.page.locator("body").getAttribute("data-zones")).toBe("true");
    await drop("");
    expect(await viewer.said("dropped", ({ files }) => files !== undefined)).toEqual({ type: "dropped", uris: [], files: [{ name: "mean.binaryproto", bytes: { bytes: 3 } }] });
    await viewer.frame();
    expect(await viewer.page.locator(".drop").isVisible()).toBe(false);
  });

  it("looks the same after a reload", async () => {
    await open();
    await press("3", "+", "k", "]", "s", "n", "p");
    const before = await viewer.saved();
    expect(before).toMatchObject({ uri: sampleState(tissue).uri, view: { view: "swipe", colourMap: "magma", threshold: 0.51, panel: "settings", navigator: false, pin: { x: 256 } } });
    await viewer.page.reload();
    await viewer.send(...everything);
    expect(await viewer.saved()).toEqual(before);
    expect(await viewer.page.locator("[data-action=swipe]").getAttribute("aria-pressed")).toBe("true");
    expect(await viewer.page.locator("#settings").isVisible()).toBe(true);
    await viewer.page.locator("#provider").selectOption("webgpu");
    expect((await viewer.said("set")).settings).toEqual({ provider: "webgpu" });
  });

  it("keeps up: simple, then exact over it, cancelled, run again", async () => {
    await open({}, [{ type: "state", state: sampleState(tissue, { phase: "exact" }) }, ...picture, ...simple, ...mapMessages("exact", tissue, tissue.exact, { part: 0.5 })]);
    expect(await text("[data-status]")).toBe("exact 50 % · 1.1 Mpx/s · 1 s left");
    expect(await viewer.page.locator("[role=progressbar]").getAttribute("aria-valuenow")).toBe("50");
    expect(await text(".pane-label >> nth=0")).toBe("exact over simple");
    await press("c");
    const lower = await placeOf(300, 450);
    expect(apart((await look(viewer)).at(lower.x, lower.y), colourOf(tissue.simple, 300, 450))).toBeLessThanOrEqual(2);
    await viewer.page.locator("#cancel").click();
    await viewer.said("cancel");
    await viewer.send({ type: "state", state: sampleState(tissue) }, ...mapMessages("exact", tissue, tissue.exact, { run: 2, classIndex: 0 }));
    expect(apart((await look(viewer)).at(lower.x, lower.y), colourOf(tissue.exact, 300, 450))).toBeLessThanOrEqual(2);
    expect(await viewer.page.locator("#run").isVisible()).toBe(true);
  });

  it.each([["with what is on the graphics card", true], ["in software, moving what is drawn", false]])("pans a large map %s", async (_, webgl) => {
    await open({ width: 1600, height: 1000, webgl }, [{ type: "state", state: sampleState({ width: 2000, height: 2000 }) }]);
    await viewer.page.evaluate(largeMap);
    await viewer.frame();
    await press("z");
    // Once there and back, so that every tile has been seen.
    await viewer.page.evaluate(pan, 8);
    const { uploads, spent, apart: between } = await viewer.page.evaluate(pan, webgl ? 16 : 120);
    expect(uploads).toBe(0);
    const [middle, most] = [spent[Math.floor(spent.length / 2)]!, spent.at(-1)!];
    console.log(`a frame of a pan over 2,000 x 2,000, two maps and contour in a panel of 1,600 x 1,000: ${middle.toFixed(1)} ms of the page's thread (at most ${most.toFixed(1)}), the next after ${between.toFixed(0)} ms, ${webgl ? "the graphics card imitated" : "drawn"} in software`);
  });

  it("shows in software what drawing all of it anew shows", async () => {
    await open({ webgl: false }, [{ type: "state", state: sampleState(tissue, { phase: "exact" }) }, ...picture, ...simple]);
    const canvas = (): Promise<string> => viewer.page.evaluate(() => document.querySelector<HTMLCanvasElement>("#view")!.toDataURL());
    const seen = [await canvas()];
    const step = async (happen: () => Promise<void>): Promise<void> => {
      await happen();
      seen.push(await canvas());
      expect(seen.at(-1)).not.toBe(seen.at(-2));
      // Another opacity changes every pixel.
      await press("o", "o");
      expect(await canvas()).toBe(seen.at(-1));
    };
    for (const tile of exact.filter(({ type }) => type === "map" || type === "tile").slice(0, 4)) {
      if (tile.type === "map") await viewer.send(tile);
      else await step(() => viewer.send(tile));
    }
    await press("+");
    await step(() => press("ArrowRight"));
    await step(() => press("ArrowDown", "ArrowLeft"));
    await step(() => viewer.send(...exact));
    await step(() => viewer.send(...pictureMessages({ ...tissue, pixels: tissue.pixels.map((value) => 255 - value) }).filter(({ type }) => type !== "image")));
  });

  it.each([
    ["high contrast", { theme: "contrast" as const }],
    ["forced colours", { forcedColors: true }],
    ["a narrow panel", { theme: "light" as const, width: 400, height: 700 }],
  ])("stays whole in %s", async (_, settings) => {
    await open(settings);
    await press("2", "e");
    const view = (await viewer.page.locator("#view").boundingBox())!;
    expect(view.height).toBeGreaterThan(119);
    const outside = await viewer.page.evaluate(() => [...document.querySelectorAll("button, select, input")].filter((each) => each.checkVisibility()).filter((each) => {
      const { left, right, top, bottom } = each.getBoundingClientRect();
      return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
    }).map((each) => each.outerHTML));
    expect(outside).toEqual([]);
    const pressed = viewer.page.locator("[data-action=sideBySide]");
    expect(await pressed.evaluate((each) => getComputedStyle(each).borderColor !== getComputedStyle(document.querySelector("[data-action=single]")!).borderColor)).toBe(true);
  });
});

/** In the page: the messages of a picture and two maps of 2,000 x 2,000. */
function largeMap(): void {
  const size = { width: 2000, height: 2000 };
  const tell = (data: object): void => { window.dispatchEvent(new MessageEvent("message", { data })); };
  tell({ type: "image", ...size });
  for (let top = 0; top < 2000; top += 40) tell({ type: "imageBand", top, height: 40, pixels: Uint8Array.from({ length: 3 * 2000 * 40 }, (_, i) => (i * 7919 + top) % 251) });
  for (const kind of ["simple", "exact"]) {
    tell({ type: "map", kind, run: 1, ...size, classIndex: 1 });
    for (let top = 0; top < 2000; top += 200) {
      const values = Uint16Array.from({ length: 2000 * 200 }, (_, i) => 32_767 * (1 + Math.sin(i / 37) * Math.cos((top + i / 2000) / 29)));
      tell({ type: "tile", kind, run: 1, left: 0, top, width: 2000, height: 200, values });
    }
    if (kind === "simple") tell({ type: "finished", kind, run: 1, seconds: 1 });
  }
}

/** In the page: drags the picture there and back in so many frames. Gives the calls that sent pixels, the sorted times of the frames' work, and the time from frame to frame, in milliseconds. */
async function pan(frames: number): Promise<{ uploads: number; spent: number[]; apart: number }> {
  const canvas = document.getElementById("view")!;
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const place = (step: number): object => {
    const along = 0.5 + 0.4 * Math.sin((2 * Math.PI * step) / frames);
    return { pointerId: 1, pointerType: "touch", button: 0, bubbles: true, clientX: left + width * along, clientY: top + height * along };
  };
  canvas.setPointerCapture = () => undefined;
  let uploads = 0;
  const gl = WebGL2RenderingContext.prototype as unknown as Record<string, (...given: unknown[]) => unknown>;
  const original = { ...Object.fromEntries(["texSubImage2D", "texImage2D", "texStorage2D", "bufferData"].map((name) => [name, gl[name]!])) };
  for (const [name, call] of Object.entries(original)) {
    gl[name] = function (this: unknown, ...given) {
      uploads++;
      return call.apply(this, given);
    };
  }
  const next = window.requestAnimationFrame.bind(window);
  const spent: number[] = [];
  window.requestAnimationFrame = (draw) => next((now) => {
    const start = performance.now();
    draw(now);
    spent.push(performance.now() - start);
  });
  canvas.dispatchEvent(new PointerEvent("pointerdown", place(0)));
  const start = performance.now();
  for (let step = 1; step <= frames; step++) {
    canvas.dispatchEvent(new PointerEvent("pointermove", place(step)));
    await new Promise((resolve) => next(resolve));
  }
  const apart = (performance.now() - start) / frames;
  canvas.dispatchEvent(new PointerEvent("pointerup", place(frames)));
  window.requestAnimationFrame = next;
  Object.assign(gl, original);
  return { uploads, spent: spent.sort((a, b) => a - b), apart };
}
