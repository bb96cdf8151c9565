import { describe, expect, it } from "vitest";
import { difference, left, percent, rate, square, value } from "../../webview/format.ts";
import { palette } from "../../webview/palette.ts";
import { scaleBar } from "../../webview/scale-bar.ts";
import { thumbnail } from "../../webview/thumbnail.ts";
import { numbersIn } from "../../webview/ui/field.ts";

describe("words", () => {
  it.each([
    [value(0.91234), "0.912"], [value(-0.0001), "0.000"], [value(-1.5), "−1.500"], [value(1234.56), "1235"], [value(NaN), "–"],
    [difference(3.14e-6), "3.1e−6"], [difference(0), "0.000"], [difference(0.41), "0.410"],
    [percent(0.123), "12.3 %"], [percent(0.00001), "< 0.1 %"], [percent(0.99999), "> 99.9 %"], [percent(1), "100.0 %"], [percent(0, 0), "0 %"],
    [rate(1_100_000), "1.1 Mpx/s"], [rate(950), "950 px/s"], [left(0.2), "1 s left"], [left(600), "10 min left"],
    [square([32, 32]), "32"], [square([32, 16]), "32 x 16"],
  ])("%s", (text, expected) => {
    expect(text).toBe(expected);
  });

  it.each([
    ["104, 117 123", [1, 3], [104, 117, 123]],
    ["128", [1, 3], [128]],
    ["1, 2", [1, 3], undefined],
    ["12a", [1], undefined],
    ["", [1], undefined],
  ])("reads '%s'", (text, counts, expected) => {
    expect(numbersIn(text, counts)).toEqual(expected);
  });
});

describe("scale bar", () => {
  it.each([
    [1, undefined, { length: 100, label: "100 px" }],
    [0.3, undefined, { length: 60, label: "200 px" }],
    [64, undefined, { length: 64, label: "1 px" }],
    [2, 0.5, { length: 80, label: "20 µm" }],
    [0.01, 0.5, { length: 100, label: "5 mm" }],
    [64, 0.25, { length: 51.2, label: "200 nm" }],
  ])("at %d screen pixels a pixel, %s µm apart", (scale, micrometres, expected) => {
    const { length, label } = scaleBar(scale, 120, micrometres);
    expect([length, label]).toEqual([expect.closeTo(expected.length), expected.label]);
  });
});

describe("palettes", () => {
  it("have 256 colours, and difference is grey in its middle and equally dark at its ends", () => {
    const colours = palette("difference");
    expect([colours.length, palette("viridis").length]).toEqual([768, 768]);
    const [red, , blue] = colours.slice(3 * 127, 3 * 128);
    expect(Math.abs(red! - blue!)).toBeLessThan(8);
    const light = (at: number): number => 0.299 * colours[at]! + 0.587 * colours[at + 1]! + 0.114 * colours[at + 2]!;
    expect(Math.abs(light(0) - light(765))).toBeLessThan(16);
    expect(palette("difference")).toBe(colours);
  });
});

describe("thumbnail", () => {
  it("puts the planes back in the order of the eye", () => {
    const planes = [Float32Array.of(-100), Float32Array.of(60), Float32Array.of(100)];
    const seen = { type: "seen", width: 1, height: 1, planes, smallest: -100, largest: 100 } as const;
    expect([...thumbnail(seen, "bgr")]).toEqual([255, 204, 0, 255]);
    expect([...thumbnail({ ...seen, planes: planes.slice(0, 1) }, "gray")]).toEqual([0, 0, 0, 255]);
  });
});
