import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference } from "../../src/image/compare.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { floats } from "../support/pack.ts";
import { hasReal, realFolder, realText } from "../support/real.ts";

const root = join(import.meta.dirname, "../..");
const sample = join(root, "samples/nuclei32");
const net = join(sample, "deploy.prototxt");
const model = join(sample, "nuclei32.caffemodel");
const mean = join(sample, "mean.binaryproto");
const small = join(sample, "tissue-301x257.png");
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(() => { folder = mkdtempSync(join(tmpdir(), "netsurgeon-cli-")); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

interface Run { readonly code: number | null; readonly out: string; readonly err: string }

function netsurgeon(...args: string[]): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/cli.cjs"), ...args], { encoding: "utf8", cwd: folder });
  return { code: status, out: stdout, err: stderr };
}

/** One clear line on standard error, exit code 2, and nothing left behind. */
function checkFails(args: string[], message: RegExp): void {
  const before = readdirSync(folder);
  const { code, out, err } = netsurgeon(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  const lines = err.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(message);
  expect(lines.at(-1)).toMatch(/^netsurgeon: /);
  expect(lines.at(-1)).not.toContain("defect");
  expect(readdirSync(folder)).toEqual(before);
}

const segment = (...more: string[]): string[] => ["segment", small, "--net", net, "--weights", model, "--mean", mean, ...more];

describe("netsurgeon", () => {
  test("explains itself", () => {
    const { code, out } = netsurgeon("--help");
    expect(code).toBe(0);
    for (const command of ["lint", "shapes", "convert", "upgrade", "export", "segment"]) {
      expect(out).toContain(command);
      expect(netsurgeon(command, "--help").out).toMatch(/Example:\n {2}\$ netsurgeon/);
    }
  });

  test("lint: quiet nets exit with 0, findings with 1", () => {
    expect(netsurgeon("lint", net, "--weights", model)).toMatchObject({ code: 0 });
    writeFileSync(at("bad.prototxt"), 'layer { name: "a" type: "ReLU" bottom: "x" top: "y" }\n');
    const text = netsurgeon("lint", "bad.prototxt");
    expect(text.code).toBe(1);
    expect(text.out).toContain("bad.prototxt:1:40: error: no layer above makes 'x'. Name a top of a layer above. [unknown-bottom]");
    const [finding] = JSON.parse(netsurgeon("lint", "bad.prototxt", "--format", "json").out) as Record<string, unknown>[];
    expect(finding).toMatchObject({ file: "bad.prototxt", line: 1, column: 40, severity: "error", code: "unknown-bottom", layer: "a" });
  });

  test("limits are raised and lowered by an option, before or after the subcommand", () => {
    writeFileSync(at("three.prototxt"), [1, 2, 3].map((i) => `layer { name: "r${i}" type: "ReLU" bottom: "x" top: "x" }\n`).join(""));
    const refused = /three\.prototxt: line 3, column \d+: the net has more than 2 layers; none of them is looked at\. To allow it, raise the limit: --limit layers=20 /;
    checkFails(["export", "three.prototxt", "--limit", "layers=2", "--out", "no.onnx"], refused);
    checkFails(["--limit", "layers=2", "convert", "three.prototxt", "--out", "no.prototxt"], refused);
    expect(netsurgeon("lint", "three.prototxt", "--limit", "layers=2", "--format", "json").out).toContain("too-many-layers");
    expect(netsurgeon("lint", "three.prototxt", "--limit", "Layers=3e0").out).not.toContain("too-many-layers");
    checkFails(segment("--limit", "imageBytes=200000", "--out", "no.png"), /tissue-301x257\.png: declares 301 x 257 pixels, 232 KB in memory; the limit is 200 KB\. .*--limit imageBytes=232071 /);
    checkFails(segment("--limit", "pixels=77356", "--out", "no.png"), /declares 301 x 257 pixels; the limit is 77,356\. To allow it, raise the limit: --limit pixels=77357 /);
    checkFails(segment("--limit", "pngPixels=9", "--out", "no.png"), /too large for a PNG; the limit is 9 pixels/);
    checkFails(["lint", net, "--limit", "textBytes=100"], /the limit is 100\. Is it a model/);
    checkFails(["lsp", "--limit", "layers=3"], /takes its limits from the editor\. Set netsurgeon\.limits there/);
    for (const wrong of ["layers", "layers=0", "layers=many", "layer=3", "nesting=1001"]) {
      expect(netsurgeon("lint", net, "--limit", wrong)).toMatchObject({ code: 2, err: expect.stringMatching(/--limit <name=number>.*(it takes NAME=NUMBER|takes a whole number from 1 to)/) as string });
    }
  });

  test("lint: a model of another net is told from one that needs surgery", () => {
    const full = netsurgeon("convert", net, "--out", at("lint_full.prototxt"));
    expect(full.code).toBe(0);
    expect(netsurgeon("lint", at("lint_full.prototxt"), "--weights", model).out).toContain("weights-need-surgery");
    writeFileSync(at("other.prototxt"), readFileSync(net, "utf8").replace("kernel_size: 3", "kernel_size: 5"));
    expect(netsurgeon("lint", at("other.prototxt"), "--weights", model).out).toContain("nuclei32.caffemodel holds conv1 as 32 x 3 x 3 x 3; this net declares 32 x 3 x 5 x 5. The two files describe different nets.");
  });

  test("shapes: table, csv and json agree", () => {
    expect(netsurgeon("shapes", net).out).toContain("88,226 parameters · 2.2 M multiply-adds");
    const json = JSON.parse(netsurgeon("shapes", net, "--format", "json").out) as { name: string; top_shapes: number[][]; param_shapes: number[][]; parameters: number; receptive_field: number[] }[];
    expect(json.find((layer) => layer.name === "fc6")).toMatchObject({ type: "InnerProduct", bottoms: ["pool2"], tops: ["fc6"], top_shapes: [[1, 64]], param_shapes: [[64, 1152], [64]], parameters: 73792, receptive_field: [32, 32] });
    const csv = netsurgeon("shapes", net, "--format", "csv").out.trimEnd().split("\n");
    expect(csv).toHaveLength(json.length + 1);
    expect(csv.find((line) => line.startsWith("conv1,"))).toBe('conv1,Convolution,1 x 32 x 30 x 30,"32 x 3 x 3 x 3, 32",896,777600,115200,3,1');
  });

  test("convert, then the converted pair gives the same map as the patch classifier", () => {
    const converted = netsurgeon("convert", net, "--weights", model, "--image-size", "257x301", "--out", at("full.prototxt"), "--out-weights", at("full.caffemodel"));
    expect(converted).toMatchObject({ code: 0, err: "" });
    expect(converted.out).toContain("fc6 -> fc6-conv: 64 x 1152 -> 64 x 32 x 6 x 6");
    expect(netsurgeon("lint", at("full.prototxt"), "--weights", at("full.caffemodel")).code).toBe(0);
    const run = netsurgeon("segment", small, "--net", at("full.prototxt"), "--weights", at("full.caffemodel"), "--mean", mean, "--out", at("full.tif"), "--verify", "20", "--json");
    expect(run.code).toBe(0);
    const [result] = JSON.parse(run.out) as { verify: { largest: number }; width: number; height: number }[];
    expect(result).toMatchObject({ width: 301, height: 257 });
    expect(result!.verify.largest).toBeLessThan(1e-5);
    const file = readFileSync(at("full.tif"));
    const golden = floats(readFileSync(join(root, "test/fixtures/nuclei32/tissue-301x257.pixelwise.f32")));
    expect(difference(floats(file.subarray(8, 8 + 4 * golden.length)), golden).largest).toBeLessThan(2e-5);
  });

  test("segment writes 8-bit maps, of any class, by any method", () => {
    expect(netsurgeon(...segment("--method", "simple", "--class", "0", "--out", at("maps"))).code).toBe(0);
    const map = decode(readFileSync(at("maps/tissue-301x257_prob.png")));
    expect([map.width, map.height, map.channels, map.depth]).toEqual([301, 257, 1, 8]);
  });

  test("several images, by a net that stays loaded as long as they are alike: each map is as if alone", () => {
    const { data } = decode(readFileSync(small));
    const picture = (name: string, width: number, height: number, first: number): string => {
      writeFileSync(at(name), encode({ width, height, channels: 3, data: data.subarray(first, first + width * height * 3) }));
      return name;
    };
    const images = [picture("a.png", 90, 70, 0), picture("b.png", 90, 70, 60_000), picture("c.png", 64, 40, 120_000), picture("d.png", 90, 70, 30_000)];
    const run = (names: readonly string[], to: string): void => {
      expect(netsurgeon("segment", ...names, "--net", net, "--weights", model, "--mean", mean, "--out", at(to))).toMatchObject({ code: 0, err: "" });
    };
    run(images, "together");
    for (const name of images) run([name], "alone");
    const maps = images.map((name) => name.replace(".png", "_prob.png"));
    for (const map of maps) expect(readFileSync(at(`together/${map}`))).toEqual(readFileSync(at(`alone/${map}`)));
    expect(new Set(maps.map((map) => String(readFileSync(at(`together/${map}`))))).size).toBe(4);
  });

  test("bytes that are no UTF-8 stay", () => {
    writeFileSync(at("latin.prototxt"), Buffer.concat([Buffer.from("# gr\xfc\xdfe\n", "latin1"), readFileSync(net)]));
    expect(netsurgeon("convert", at("latin.prototxt"), "--out", at("latin_full.prototxt")).code).toBe(0);
    expect(readFileSync(at("latin_full.prototxt")).subarray(0, 8).toString("latin1")).toBe("# gr\xfc\xdfe\n");
  });

  test("a net without weights exports without a model; a type that Caffe lacks is said", () => {
    writeFileSync(at("pool.prototxt"), 'input: "data" input_shape { dim: [1, 3, 8, 8] } layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { kernel_size: 2 } }');
    expect(netsurgeon("export", at("pool.prototxt"), "--out", at("pool.onnx")).out).toContain("data (1 x 3 x 8 x 8) -> p (1 x 3 x 7 x 7)");
    writeFileSync(at("typo.prototxt"), 'input: "data" input_shape { dim: [1, 3] } layer { name: "r" type: "Relu" bottom: "data" top: "r" }');
    expect(netsurgeon("shapes", at("typo.prototxt"))).toMatchObject({ code: 1, err: expect.stringContaining("warning: BVLC Caffe has no layer type 'Relu'. Did you mean 'ReLU'?") as string });
  });

  test("export and upgrade", () => {
    expect(netsurgeon("export", net, "--weights", model, "--fully-convolutional", "--input-size", "64x48", "--out", at("net.onnx")).out).toContain("data (1 x 3 x 64 x 48) -> prob (1 x 2 x 9 x 5)");
    writeFileSync(at("old.prototxt"), 'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8\nlayers { name: "r" type: RELU bottom: "data" top: "r" } # end\n');
    expect(netsurgeon("upgrade", at("old.prototxt"), "--in-place").code).toBe(0);
    expect(readNet(readDocument(readFileSync(at("old.prototxt"), "utf8"))).format).toBe("V2");
  });
});

describe("what cannot be done is said in one line", () => {
  const out = (): string[] => ["--out", at("never.png")];
  test("files that are missing, wrong or broken", () => {
    checkFails(["lint", "nowhere.prototxt"], /nowhere\.prototxt: no such file/);
    checkFails(["lint", folder], /is a folder/);
    checkFails(["lint", model], /is a binary file, not a prototxt/);
    checkFails(["segment", small, "--net", net, "--weights", net, ...out()], /is a prototxt, not a Caffe model|prototxt/);
    checkFails(["segment", small, "--net", net, "--weights", small, ...out()], /not a Caffe model|image/);
    checkFails(["segment", net, "--net", net, "--weights", model, ...out()], /deploy\.prototxt: /);
    checkFails(["segment", small, "--net", net, "--weights", model, "--mean", "nowhere.binaryproto", ...out()], /nowhere\.binaryproto: no such file/);
  });

  test("a truncated model, with the place", () => {
    copyFileSync(model, at("cut.caffemodel"));
    truncateSync(at("cut.caffemodel"), 38_211);
    checkFails(["segment", small, "--net", net, "--weights", at("cut.caffemodel"), ...out()], /cut\.caffemodel: truncated after layer '\w+' \(byte [\d,]+ of 38,211\)/);
    checkFails(["convert", net, "--weights", at("cut.caffemodel"), "--out", at("never.prototxt")], /truncated/);
  });

  test("requests that do not fit", () => {
    checkFails(segment("--class", "2", ...out()), /2 classes, counted from 0; there is no class 2/);
    checkFails(segment("--mean", "1,2", ...out()), /mean has 2 channels, the net takes 3/);
    checkFails(segment("--channels", "gray", ...out()), /takes 3 channels/);
    checkFails(segment("--provider", "tensorrt", ...out()), /tensorrt|TensorRT/);
    writeFileSync(at("tiny.png"), encode({ width: 8, height: 9, channels: 3, data: new Uint8Array(8 * 9 * 3) }));
    for (const map of ["tiny-map.tif", "tiny-map.png"]) {
      checkFails(["segment", at("tiny.png"), "--net", net, "--weights", model, "--mean", mean, "--out", at(map)], /tiny\.png: .*smaller than the net's patch/);
    }
    checkFails(["convert", net, "--input-size", "10x64", "--out", at("never.prototxt")], /input of 10 x 64 is smaller than the patch of 32 x 32/);
    checkFails(["export", net, "--out", at("never.onnx")], /conv1 has learned weights, but no model is given\. Give one with --weights/);
    checkFails(["segment", small, "--net", net, "--weights", model, "--out", "/proc/nowhere/map.png"], /map\.png: /);
  });

  test("outputs in the place of inputs, or of each other", () => {
    copyFileSync(small, at("picture.png"));
    copyFileSync(net, at("net.prototxt"));
    checkFails(["convert", at("net.prototxt"), "--out", "net.prototxt", "--force"], /overwrite the input/);
    checkFails(["convert", at("net.prototxt"), "--weights", model, "--out", "a.txt", "--out-weights", at("a.txt")], /two outputs would be written to one file/);
    checkFails(["export", at("net.prototxt"), "--weights", model, "--out", "net.prototxt"], /overwrite the input/);
    checkFails(["segment", "picture.png", "--net", net, "--weights", model, "--out", at("picture.png")], /overwrite the input/);
    expect(readFileSync(at("picture.png"))).toEqual(readFileSync(small));
    expect(readFileSync(at("net.prototxt"))).toEqual(readFileSync(net));
  });

  test("of text and model both are written, or none", () => {
    writeFileSync(at("kept.caffemodel"), "kept");
    checkFails(["convert", net, "--weights", model, "--force", "--out", "nowhere/full.prototxt", "--out-weights", at("kept.caffemodel")], /its folder does not exist/);
    expect(readFileSync(at("kept.caffemodel"), "utf8")).toBe("kept");
    checkFails(["convert", net, "--weights", model, "--out", at("never.prototxt"), "--out-weights", "nowhere/full.caffemodel"], /its folder does not exist/);
  });

  test("a net that cannot be converted", () => {
    writeFileSync(at("axis.prototxt"), readFileSync(net, "utf8").replace("num_output: 64", "num_output: 64 axis: 2"));
    checkFails(["convert", at("axis.prototxt"), "--out", at("never.prototxt")], /axis\.prototxt: line \d+, column \d+: fc6 multiplies from axis 2 on/);
  });

  test.skipIf(!existsSync("/dev/full"))("a disk that is full", () => {
    const { code, err } = netsurgeon("convert", net, "--out", "/dev/full", "--force");
    expect(code).toBe(2);
    expect(err).toMatch(/^netsurgeon: \/dev\/full: /);
  });
});

describe.skipIf(!hasReal)("nets of others", () => {
  test("shapes of a V1 net in Caffe's order", () => {
    const json = JSON.parse(netsurgeon("shapes", join(realFolder, "shapes/caffe__models__bvlc_alexnet__deploy.prototxt"), "--format", "json").out) as { name: string; top_shapes: unknown; param_shapes: unknown }[];
    const caffe = (JSON.parse(realText("shapes", "caffe__models__bvlc_alexnet__deploy.json")) as { name: string; top_shapes: unknown; param_shapes: unknown; auto_split?: boolean }[]).filter((layer) => layer.auto_split !== true);
    expect(json.map(({ name, top_shapes, param_shapes }) => ({ name, top_shapes, param_shapes }))).toEqual(caffe.map(({ name, top_shapes, param_shapes }) => ({ name, top_shapes, param_shapes })));
  });
});
