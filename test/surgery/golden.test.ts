import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { printTree } from "../../src/prototxt/tree.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { upgradeText } from "../../src/surgery/upgrade.ts";
import { checkGolden, fixtures } from "../support/annotations.ts";

function converted(text: string): string {
  const surgery = convertNet(inferShapes(readNet(readDocument(text))), { inputSize: [100, 120] });
  if ("refusals" in surgery) throw new Error(surgery.refusals.map((d) => d.message).join(" "));
  return surgery.text;
}

function upgraded(text: string): string {
  const { text: modern, problems } = upgradeText(readDocument(text));
  expect(problems).toEqual([]);
  return modern;
}

describe("texts keep their comments and their layout", () => {
  test.each(fixtures("surgery"))("%s, converted", (_, path) => {
    const text = readFileSync(path, "utf8");
    checkGolden(path.replace(/\.prototxt$/, ".converted.txt"), converted(text));
    const windows = converted(text.replaceAll("\n", "\r\n"));
    expect(windows).toBe(converted(text).replaceAll("\n", "\r\n"));
    expect(printTree(readDocument(windows).tree)).toBe(windows);
  });

  test.each(fixtures("surgery"))("%s, upgraded", (_, path) => {
    const text = readFileSync(path, "utf8");
    checkGolden(path.replace(/\.prototxt$/, ".upgraded.txt"), upgraded(text));
    expect(upgraded(text.replaceAll("\n", "\r\n"))).toBe(upgraded(text).replaceAll("\n", "\r\n"));
  });

  test.each(fixtures("surgery"))("%s, first upgraded, then converted, is the same net", (_, path) => {
    const text = readFileSync(path, "utf8");
    const shapes = (one: string): unknown => inferShapes(readNet(readDocument(one))).layers;
    expect(shapes(converted(upgraded(text)))).toEqual(shapes(converted(text)));
    expect(shapes(upgraded(converted(text)))).toEqual(shapes(converted(text)));
  });
});
