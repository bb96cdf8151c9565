import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { parse } from "../../src/prototxt/parser.ts";
import { printTree, type FieldNode, type ScalarNode, type ValueNode } from "../../src/prototxt/tree.ts";
import { checkAnnotated, checkGolden, fixtures } from "../support/annotations.ts";

/** A tree as text, one node to a line, each with its range. */
function treeText(fields: readonly FieldNode[], indent = ""): string {
  return fields.map((field) => `${indent}${field.name} ${field.start}..${field.end}${valueText(field.value, `${indent}  `)}`).join("");
}

function valueText(value: ValueNode | undefined, indent: string): string {
  switch (value?.kind) {
    case undefined:
      return " -\n";
    case "message":
      return ` {${value.close === undefined ? " unclosed" : ""}\n${treeText(value.fields, indent)}`;
    case "list":
      return ` [${value.items.length}] ${value.start}..${value.end}\n${value.items.map((item) => `${indent}-${valueText(item, `${indent}  `)}`).join("")}`;
    case "scalar":
      return ` ${scalarText(value)}\n`;
  }
}

function scalarText({ form, negative, raw, start, end }: ScalarNode): string {
  return `${form} ${negative ? "-" : ""}${raw.replaceAll("\n", "\\n")} ${start}..${end}`;
}

describe("fixtures: what is wrong is said where it is, once, and the tree holds the rest", () => {
  test.each(fixtures("prototxt"))("%s", (_, path) => {
    checkAnnotated(path, (text) => readDocument(text).diagnostics);
    const text = readFileSync(path, "utf8");
    const { root } = parse(text);
    checkGolden(path.replace(/\.prototxt$/, ".tree"), treeText(root.fields));
  });

  test.each(fixtures("prototxt"))("%s, at the ends of Windows", (_, path) => {
    const text = readFileSync(path, "utf8");
    const windows = text.replaceAll("\n", "\r\n");
    const tree = parse(windows);
    expect(printTree(tree)).toBe(windows);
    expect(readDocument(windows).diagnostics.map((d) => `${d.code} ${d.message}`)).toEqual(readDocument(text).diagnostics.map((d) => `${d.code} ${d.message}`));
  });
});
