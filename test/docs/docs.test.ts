import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const pages = [...readdirSync(root), ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map((name) => join("docs", name)), "samples/nuclei32/README.md"]
  .filter((path) => path.endsWith(".md") && existsSync(join(root, path)));

const textOf = (path: string): string => readFileSync(join(root, path), "utf8");
const withoutCode = (text: string): string => text.replace(/^```[^]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** The anchors that a hosting makes of headings: lower case, blanks as `-`, other marks left out. */
function anchorsOf(path: string): Set<string> {
  const headings = textOf(path).replace(/^```[^]*?^```/gm, "").match(/^#+ .*$/gm) ?? [];
  const given = [...textOf(path).matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id]) => id!);
  return new Set([...given, ...headings.map((heading) => heading.replace(/^#+ /, "").toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-"))]);
}

/** What a script makes, and need not have made yet. */
const made: string[] = [];

describe("links lead somewhere", () => {
  test.each(pages)("%s", (page) => {
    const targets = [...withoutCode(textOf(page)).matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)|(?:src|srcset|href)="([^"]+)"/g)].map(([, link, source]) => (link ?? source)!);
    const dead = targets.filter((target) => {
      // Commands of VS Code are the manifest's affair; the network is not asked.
      if (/^(https?|mailto|command):/.test(target)) return false;
      const [path, anchor] = target.split("#") as [string, string | undefined];
      const file = path === "" ? page : relative(root, join(root, dirname(page), decodeURIComponent(path)));
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor);
    });
    expect(dead.filter((target) => !made.includes(target))).toEqual([]);
  });

  test("there are pages and links to check", () => {
    expect(pages).toContain("README.md");
    expect(pages.length).toBeGreaterThan(8);
    expect(anchorsOf("README.md").has("use-it") || anchorsOf("README.md").size > 3).toBe(true);
  });
});

/** Commands of the README and the tutorial, run one after the other in a folder with the sample's files. */
describe("examples run as they are written", () => {
  const examples = ["README.md", "docs/tutorial.md"].map((page) => {
    const blocks = [...textOf(page).matchAll(/^```sh\n([^]*?)^```/gm)].map(([, block]) => block!);
    return [page, blocks.flatMap((block) => block.replace(/\\\n\s*/g, " ").split("\n")).filter((line) => line.startsWith("netsurgeon "))] as const;
  });

  test.each(examples)("%s", (page, commands) => {
    expect(commands.length, page).toBeGreaterThan(3);
    const folder = mkdtempSync(join(tmpdir(), "netsurgeon-docs-"));
    try {
      cpSync(join(root, "samples/nuclei32"), folder, { recursive: true });
      for (const command of commands) {
        const { status, stderr } = spawnSync(process.execPath, [join(root, "dist/cli.cjs"), ...command.replace(/\s#.*$/, "").split(/\s+/).slice(1)], { cwd: folder, encoding: "utf8" });
        expect({ command, status, stderr: status === 0 ? "" : stderr }).toEqual({ command, status: 0, stderr: "" });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 300_000);

  test.each(pages)("JSON in %s can be read", (page) => {
    for (const [, block] of textOf(page).matchAll(/^```json\n([^]*?)^```/gm)) JSON.parse(block!);
    expect(textOf(page)).not.toBe("");
  });
});
