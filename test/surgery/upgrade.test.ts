import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { Message } from "../../src/prototxt/message.ts";
import { comments } from "../../src/prototxt/tree.ts";
import { upgradeText } from "../../src/surgery/upgrade.ts";
import { conformanceCases } from "../support/conformance.ts";
import { hasReal, realFolder, realText } from "../support/real.ts";

/** Everything a message says, places aside. */
function plain(message: Message): unknown {
  return Object.fromEntries([...message.values].map(([name, values]) => [name, values.map(({ value }) => (value instanceof Message ? plain(value) : value))] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The upgraded text means what the old one means, keeps its comments, and needs no further upgrade. */
function checkUpgrade(text: string): void {
  const document = readDocument(text);
  const before = readNet(document);
  const upgrade = upgradeText(document);
  expect(upgrade.problems).toEqual([]);
  const upgraded = readDocument(upgrade.text);
  const after = readNet(upgraded);
  expect(upgraded.diagnostics).toEqual([]);
  expect(["V2", "empty"]).toContain(after.format);
  expect(after.layers.map((layer) => plain(layer.message))).toEqual(before.layers.map((layer) => plain(layer.message)));
  expect(inferShapes(after).layers).toEqual(inferShapes(before).layers);
  expect(comments(upgraded.tree).map(({ text: words }) => words)).toEqual(comments(document.tree).map(({ text: words }) => words));
  expect(upgradeText(upgraded).edits).toEqual([]);
}

const legacy = conformanceCases().filter(({ text, meta }) => meta.error === undefined && (/(^|[\s{}])layers\s*[:{]/.test(text) || /(^|\s)input_(dim|shape)\s*[:{]/.test(text)));

describe("upgrade to the current format", () => {
  test("there are old nets to try", () => { expect(legacy.length).toBeGreaterThan(8); });
  test.each(legacy.map((one) => [one.id, one.text] as const))("%s", (_, text) => { checkUpgrade(text); });

  test("keeps comments and layout", () => {
    const old = '# a net\ninput: "data" # the image\ninput_dim: 1\ninput_dim: 3\ninput_dim: 8\ninput_dim: 8\nlayers { # first\n  name: "conv" type: CONVOLUTION\n  bottom: "data"\n  top: "conv"\n  blobs_lr: 1\n  blobs_lr: 2 # bias\n  weight_decay: 1\n  weight_decay: 0\n  convolution_param { num_output: 2 kernel_size: 3 }\n}\n';
    checkUpgrade(old);
    expect(upgradeText(readDocument(old)).text).toBe(
      '# a net\nlayer {\n  name: "input"\n  type: "Input"\n  top: "data"\n  input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } }\n} # the image\nlayer { # first\n  name: "conv" type: "Convolution"\n  bottom: "data"\n  top: "conv"\n  param { lr_mult: 1 decay_mult: 1 }\n  param { lr_mult: 2 decay_mult: 0 }\n  # bias\n  convolution_param { num_output: 2 kernel_size: 3 }\n}\n',
    );
  });

  test("a mixture of formats is refused", () => {
    const { problems, edits } = upgradeText(readDocument('layers { name: "a" type: RELU }\nlayer { name: "b" type: "ReLU" }'));
    expect(problems.map((d) => d.code)).toContain("mixed-formats");
    expect(edits).toEqual([]);
  });

  const folders = hasReal ? ["shapes", "seed-author/nuclei-padded", "seed-author/efficient"] : [];
  const files = folders.flatMap((folder) => readdirSync(join(realFolder, folder)).filter((name) => name.endsWith(".prototxt")).map((name) => `${folder}/${name}`)).filter((name) => existsSync(join(realFolder, name)));
  test.skipIf(files.length === 0).each(files)("%s", (file) => { checkUpgrade(realText(file)); });
});
