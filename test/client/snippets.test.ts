import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { analyze } from "../../src/ide/analysis.ts";

const snippets = JSON.parse(readFileSync("syntaxes/snippets.json", "utf8")) as Record<string, { prefix: string[]; description: string; body: string[] }>;

test.each(Object.entries(snippets))("%s: its text is right, with each of its choices", (_name, { body }) => {
  const template = body.join("\n");
  const most = Math.max(...[...template.matchAll(/\|([^|]*)\|/g)].map((match) => match[1]!.split(",").length), 1);
  for (let choice = 0; choice < most; choice++) checkSnippet(expand(template, choice));
});

/** The text that accepting a snippet leaves, with the choice of that number in every list of choices. */
function expand(template: string, choice: number): string {
  const values = new Map<string, string>();
  for (const [, place, text, choices] of template.matchAll(/\$\{(\d+)(?::([^}]*)|\|([^|]*)\|)\}/g)) {
    const list = choices?.split(",") ?? [text!];
    values.set(place!, list[choice % list.length]!);
  }
  return template.replace(/\$\{(\d+)(?::[^}]*|\|[^|]*\|)?\}|\$(\d+)/g, (_all, place?: string, bare?: string) => values.get(place ?? bare!) ?? "");
}

function checkSnippet(text: string): void {
  const whole = /^(?:layer|net)\b/.test(text) ? text : `layer { name: "a" type: "Convolution" ${text} }`;
  const { document } = analyze(whole);
  expect(document.diagnostics.filter(({ severity }) => severity === "error"), whole).toEqual([]);
  expect(document.kind).toBe(text.startsWith("net") ? "solver" : "net");
  if (text.startsWith("layer")) expect(analyze(whole).net.layers.every(({ definition }) => definition !== undefined), whole).toBe(true);
}
