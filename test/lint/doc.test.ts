import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { codes } from "../../src/text/diagnostic.ts";
import { rules } from "../../src/lint/rules.ts";
import { analyze } from "../../src/ide/analysis.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/rules.md"), "utf8");

/** The sections of docs/rules.md: what each says of its code, and its examples. */
const sections = text.split(/^(?=### )/m).slice(1).map((section) => ({
  code: /^### (\S+)$/m.exec(section)![1]!,
  section: section.split(/^## /m)[0]!,
  examples: [...section.matchAll(/^```prototxt\n([^]*?)^```$/gm)].map((match) => match[1]!),
}));

/** Codes that need a model, a conversion, a folder, a very long text or a character that no one sees. */
const elsewhere = ["syntax-bom", "too-many-layers", "fixed-size", "not-convertible", "solver-path", ...codes.filter((code) => code.startsWith("weights"))];

test("docs/rules.md has a section for every code, in their order, and for no others", () => {
  expect(sections.map(({ code }) => code)).toEqual([...codes]);
  for (const code of codes) expect(text.split("\n## ")[0]).toContain(`[${code}](#${code})`);
});

test("every rule's code and severity are those of its section", () => {
  for (const { code, severity } of rules) expect(sections.find((section) => section.code === code)!.section.toLowerCase()).toContain(`*${severity}`);
});

describe("an example shows its finding, and the text after it does not", () => {
  test.each(sections)("$code", ({ code, section, examples }) => {
    expect(section).toMatch(/^\*(Error|Warning|Information|Hint)/m);
    expect(section).toContain("**Fix:**");
    expect(examples.length).toBe(elsewhere.includes(code) ? 0 : 2);
    const found = examples.map((example) => analyze(example).diagnostics.map((diagnostic) => diagnostic.code as string));
    if (found.length > 0) expect(found.map((all) => all.includes(code)), found.join(" | ")).toEqual([true, false]);
  });
});
