import { describe, expect, test } from "vitest";
import { bytes, closest, count, counted, duration, list, shortCount } from "../../src/text/words.ts";

describe("words for numbers", () => {
  test.each([
    [count(88226), "88,226"],
    [count(999), "999"],
    [count(-1234567.4), "-1,234,567"],
    [count(NaN), "?"],
    [counted(1, "layer"), "1 layer"],
    [counted(3, "layer"), "3 layers"],
    [counted(2, "entry", "entries"), "2 entries"],
    [shortCount(950), "950"],
    [shortCount(88226), "88.2 k"],
    [shortCount(2_200_000), "2.2 M"],
    [shortCount(1_400_000_000), "1.4 G"],
    [shortCount(Infinity), "?"],
    [bytes(354_238), "354 KB"],
    [bytes(999), "999 bytes"],
    [bytes(1_200_000_000), "1.2 GB"],
    [duration(0.085), "85 ms"],
    [duration(3.9), "3.9 s"],
    [duration(720), "12 min"],
    [duration(9000), "2.5 h"],
    [list(["a"]), "'a'"],
    [list(["a", "b", "c"]), "'a', 'b' and 'c'"],
    [list(["a", "b"], "or"), "'a' or 'b'"],
    [list([]), ""],
  ])("%s", (said, expected) => { expect(said).toBe(expected); });

  test("rounding does not carry a number past its unit", () => {
    expect(shortCount(999_999)).toBe("1.0 M");
    expect(bytes(999_999_999)).toBe("1.0 GB");
    expect(bytes(999_999)).toBe("1.0 MB");
    expect(duration(0.9999)).toBe("1.0 s");
    expect(duration(119.99)).toBe("2 min");
  });
});

describe("did you mean", () => {
  const names = ["conv1", "conv2", "pool2", "label", "data"];
  test.each([
    ["pol2", "pool2"],
    ["pool2", "pool2"],
    ["POOL2", "pool2"],
    ["dtaa", "data"],
    ["lable", "label"],
    ["convolution", undefined],
    ["x", undefined],
    ["", undefined],
  ])("%s", (word, expected) => { expect(closest(word, names)).toBe(expected); });
  test("the first of the nearest", () => { expect(closest("conv3", names)).toBe("conv1"); });
});
