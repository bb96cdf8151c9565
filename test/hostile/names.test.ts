import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { marked } from "marked";
import { afterAll, describe, expect, test } from "vitest";
import { analyze } from "../../src/ide/analysis.ts";
import { hoverAt } from "../../src/ide/hover.ts";
import { inlayHints } from "../../src/ide/inlay-hints.ts";
import { shapesTable } from "../../src/ide/table.ts";
import { Failure, sentence } from "../../src/text/failure.ts";
import { printable } from "../../src/text/words.ts";

/** Names as somebody who means harm would choose them for layers and blobs. */
const names = [
  "[click](command:workbench.action.terminal.new)",
  "![](https://example.com/seen.png)",
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "https://example.com www.example.com me@example.com",
  "a`b``c` [x](command:y)",
  "`",
  "*bold* _too_ ~~gone~~ | cell | &lt;b&gt;",
  "# heading\\n\\n- [x](y:z)",
  "$(rm -rf /) `id` ; id",
  "../../../etc/passwd",
  "\\033]0;title\\007\\033[2J\\033[31mred\\302\\233m",
  "\\342\\200\\256evil",
  "${1:x} $0 }",
];

function netOf(name: string): string {
  return `layer { name: "data" type: "Input" top: "${name}" input_param { shape { dim: 1 dim: 3 dim: 6 dim: 6 } } }
layer { name: "${name}" type: "Convolution" bottom: "${name}" top: "c${name}" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "ip ${name}" type: "InnerProduct" bottom: "c${name}" top: "${name}2" inner_product_param { num_output: 2 } }
layer { name: "type" type: "${name}" bottom: "${name}2" top: "end" }
`;
}

function checkMarkdown(markdown: string): void {
  const html = marked.parse(markdown, { async: false });
  // What Net Surgeon's own words make; a link, a picture or foreign HTML would have come from the name.
  const own = /<\/?(p|strong|em|ul|li|code|pre|h1|table|thead|tbody|tr|th|td|hr)( (class="language-protobuf"|align="right"))?>/g;
  expect(html.replace(own, "")).not.toMatch(/[<]/);
}

describe("a name never becomes a link, a picture or HTML", () => {
  test.each(names)("%j", (name) => {
    const text = netOf(name);
    const analysis = analyze(text);
    let hovers = 0;
    for (let offset = 0; offset <= text.length; offset++) {
      const hover = hoverAt(analysis, offset);
      if (hover === undefined) continue;
      hovers++;
      checkMarkdown(hover.markdown);
    }
    expect(hovers).toBeGreaterThan(40);
    for (const { tooltip } of inlayHints(analysis, { start: 0, end: text.length }, "all")) checkMarkdown(tooltip);
    checkMarkdown(shapesTable(analysis, name));
  });
});

describe("a name never reaches a terminal with its control characters", () => {
  const folder = mkdtempSync(join(tmpdir(), "netsurgeon-names-"));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  const cli = join(import.meta.dirname, "../../dist/cli.cjs");
  const commands = [["lint"], ["lint", "--format", "json"], ["shapes"], ["shapes", "--format", "csv"], ["shapes", "--format", "json"], ["convert", "--force"]];

  test.each(names)("%j", (name) => {
    const file = `n ${printable(name).replace(/[^ -~]|\//g, "\u0007").slice(0, 40)}.prototxt`;
    writeFileSync(join(folder, file), netOf(name).replace(/layer \{ name: "type".*\n/, ""));
    for (const [command, ...options] of /\\[03]/.test(name) ? commands : commands.slice(0, 1)) {
      const { stdout, stderr, status } = spawnSync(process.execPath, [cli, command!, file, ...options], { encoding: "utf8", cwd: folder });
      expect(status, stderr).toBeLessThan(2);
      // eslint-disable-next-line no-control-regex
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    }
  });

  test("JSON keeps the name as it is, escaped", () => {
    const file = join(folder, "exact.prototxt");
    writeFileSync(file, netOf("a\\033\\302\\233b").replace(/layer \{ name: "type".*\n/, ""));
    const { stdout } = spawnSync(process.execPath, [cli, "shapes", file, "--format", "json"], { encoding: "utf8" });
    expect((JSON.parse(stdout) as { name: string }[])[1]!.name).toBe("a\u001b\u009bb");
    expect(stdout).toContain("\\u009b");
  });

  test("a Failure says names in one line of printable characters", () => {
    expect(sentence(new Failure("bad-file", "layer 'a\u001b[2J\nb'", { file: "x\u0007" }))).toBe("x\ufffd: layer 'a\ufffd[2J\ufffdb'");
  });
});
