import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inMemory } from "../../src/image/picture-source.ts";
import { showOn } from "../../src/preview/board.ts";
import type { Picture } from "../../src/preview/picture.ts";

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

/** A picture of so many bands. */
const picture = (width: number, bands = 1): Picture => {
  const height = bands === 1 ? 3 : (bands * (1 << 18)) / (3 * width);
  const image = { width, height: Math.ceil(height), channels: 3, data: new Uint8Array(width * 3 * Math.ceil(height)) } as const;
  return { info: { path: "/a.png", name: "a.png", width, height: image.height }, image, source: inMemory(image) };
};
const large = picture(2160);

function board() {
  const said: string[] = [];
  const shown = showOn((message) => { said.push(message.type === "tile" ? message.kind : message.type); }, 0);
  shown.begun();
  const put = (kind: "simple" | "exact"): void => {
    shown.begin(kind, 1, { width: 2160, height: 3 }, [0]);
    shown.put(kind, { left: 0, top: 0, width: 1, height: 1 }, { pixels: [new Float32Array(1)] });
  };
  return { shown, said, put };
}

test("during a run, the rows of a picture that is there in small wait for its end", () => {
  const { shown, said, put } = board();
  shown.rush();
  shown.showPicture(large);
  put("simple");
  put("exact");
  vi.runAllTimers();
  expect(said.splice(0)).toEqual(["image", "imageOverview", "map", "simple", "map", "exact"]);
  shown.calm();
  vi.runAllTimers();
  expect(said).toEqual(["imageBand"]);
});

test("or until it is looked at so closely that they are missed", () => {
  const { shown, said } = board();
  shown.rush();
  // In small it is a third of the size.
  shown.look(2 / 3);
  shown.showPicture(large);
  expect(said.splice(0)).toEqual(["image", "imageOverview"]);
  shown.look(0.7);
  vi.runAllTimers();
  expect(said.splice(0)).toEqual(["imageBand"]);
  shown.look(8);
  shown.calm();
  expect(said.splice(0)).toEqual([]);
  shown.rush();
  shown.showPicture(large);
  expect(said).toEqual(["image", "imageOverview", "imageBand"]);
});

test("rows that are on their way when a run begins wait for its end too", () => {
  const { shown, said } = board();
  shown.showPicture(picture(2160, 4));
  expect(said.splice(0)).toEqual(["image", "imageOverview", "imageBand"]);
  shown.rush();
  vi.runAllTimers();
  expect(said.splice(0)).toEqual([]);
  shown.calm();
  vi.runAllTimers();
  expect(said.splice(0).length).toBeGreaterThan(3);
  // Those that are there are not sent again.
  shown.rush();
  shown.calm();
  expect(said).toEqual([]);
});

test("rows go in steps, between which others are heard, and end where another picture comes", () => {
  const { shown, said } = board();
  shown.showPicture(picture(600, 4));
  expect(said.splice(0)).toEqual(["image", "imageBand"]);
  vi.advanceTimersToNextTimer();
  expect(said.splice(0)).toEqual(["imageBand"]);
  shown.showPicture(large);
  vi.runAllTimers();
  expect(said).toEqual(["image", "imageOverview", "imageBand"]);
});

test("those of another picture than the one in view are never sent; a small picture does not wait, nor one that nothing is computed for", () => {
  const { shown, said } = board();
  shown.rush();
  shown.showPicture(large);
  shown.showPicture(picture(9));
  expect(said.splice(0)).toEqual(["image", "imageOverview", "image", "imageBand"]);
  shown.calm();
  shown.showPicture(large);
  expect(said.splice(0)).toEqual(["image", "imageOverview", "imageBand"]);
  vi.advanceTimersByTime(60_000);
  expect(said).toEqual([]);
});

test("what waits for the webview goes on when it has begun, or after some seconds", async () => {
  const shown = showOn(() => undefined, 0);
  const heard: string[] = [];
  const waits = (name: string): Promise<void> => shown.there().then(() => { heard.push(name); });
  const behind = waits("behind others");
  await vi.advanceTimersByTimeAsync(14_000);
  expect(heard).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  await behind;
  const soon = waits("begun");
  shown.begun();
  await soon;
  await waits("there already");
  expect(heard).toEqual(["behind others", "begun", "there already"]);
  expect(vi.getTimerCount()).toBe(0);
});
