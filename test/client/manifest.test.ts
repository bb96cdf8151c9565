import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const text = readFileSync("package.json", "utf8");
const words = JSON.parse(readFileSync("package.nls.json", "utf8")) as Record<string, string>;
const { activationEvents, contributes } = JSON.parse(text) as {
  activationEvents: string[];
  contributes: {
    commands: { command: string }[];
    menus: Record<string, { command?: string; submenu?: string; when?: string }[]>;
    submenus: { id: string }[];
    walkthroughs: { steps: { description: string; id: string; media: { svg: string; altText: string }; completionEvents: string[] }[] }[];
    languages: { extensions: string[] }[];
  };
};
const commands = contributes.commands.map(({ command }) => command);

describe("the manifest", () => {
  test("has the words of every key it names, and no others", () => {
    const keys = [...text.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]!);
    expect(Object.keys(words).sort()).toEqual([...new Set(keys)].sort());
  });

  test("menus and walkthrough name commands, submenus and files that there are", () => {
    const entries = Object.values(contributes.menus).flat();
    expect(entries.flatMap(({ command }) => command ?? []).filter((command) => !commands.includes(command))).toEqual([]);
    const submenus = contributes.submenus.map(({ id }) => id);
    expect(entries.flatMap(({ submenu }) => submenu ?? []).filter((id) => !submenus.includes(id))).toEqual([]);
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    expect(steps.map(({ id }) => id)).toEqual(["open", "findings", "convert", "preview", "export"]);
    for (const { media, completionEvents } of steps) {
      const svg = readFileSync(media.svg, "utf8");
      // The walkthrough's policy takes no styles; colours follow the theme.
      expect(svg).not.toMatch(/style|<script|#[0-9a-f]{3,8}"/i);
      expect(svg).toContain("var(--vscode-editor-foreground");
      const events = completionEvents.flatMap((event) => /^onCommand:(netsurgeon\..*)/.exec(event)?.[1] ?? []);
      expect(events.filter((command) => !commands.includes(command))).toEqual([]);
    }
    const linked = Object.values(words).flatMap((word) => [...word.matchAll(/command:(netsurgeon\.\w+)/g)].map((match) => match[1]!));
    expect(linked.filter((command) => !commands.includes(command))).toEqual([]);
  });

  test("each entry of a menu of editors has its condition", () => {
    const { "editor/title": title = [], "editor/context": context = [] } = contributes.menus;
    for (const { when } of [...title, ...context]) expect(when).toMatch(/editorLangId == prototxt|resourceLangId == prototxt|activeCustomEditorId|explorer/);
  });

  test("starts nothing before it is needed and takes .pbtxt only by choice", () => {
    expect(activationEvents.filter((event) => event === "*" || event.startsWith("onStartup"))).toEqual([]);
    expect(contributes.languages.flatMap(({ extensions }) => extensions)).toEqual([".prototxt"]);
  });
});
