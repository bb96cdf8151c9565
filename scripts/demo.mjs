// The whole way on the sample: lint, convert, export, segment by three methods, verify, compare with the truth.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { demoScore } from "./demo-score.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const sample = "samples/nuclei32";
const out = "demo-output";
rmSync(out, { recursive: true, force: true });
mkdirSync(out);

const net = [`--net`, `${sample}/deploy.prototxt`, "--weights", `${sample}/nuclei32.caffemodel`, "--mean", `${sample}/mean.binaryproto`];

/** Runs the command line and shows it; `json` takes what it prints. Exit code 1 means findings, not failure. */
function run(args, { json = false } = {}) {
  console.log(`\n$ netsurgeon ${args.filter((arg) => arg !== "--json").join(" ")}`);
  const { status, stdout } = spawnSync(process.execPath, ["dist/cli.cjs", ...args], { stdio: ["ignore", json ? "pipe" : "inherit", "inherit"], encoding: "utf8" });
  if (status === null || status > 1) process.exit(status ?? 2);
  return json ? JSON.parse(stdout) : undefined;
}

console.log("A 32 x 32 patch classifier says whether a nucleus covers the centre of a patch. Its answer for every pixel of an image:");
console.log("\n1. Is the net fit for it? Padding, for example, would spoil the result.");
run(["lint", `${sample}/deploy.prototxt`, "--weights", `${sample}/nuclei32.caffemodel`]);
console.log("\n2. Its fully connected layers become convolutions, in the text and in the model.");
run(["convert", `${sample}/deploy.prototxt`, "--weights", `${sample}/nuclei32.caffemodel`, "--image-size", "512x512", "--out", `${out}/deploy_full.prototxt`, "--out-weights", `${out}/nuclei32_full.caffemodel`]);
console.log("\n3. The same as ONNX, for other programs.");
run(["export", `${out}/deploy_full.prototxt`, "--weights", `${out}/nuclei32_full.caffemodel`, "--out", `${out}/nuclei32_full.onnx`]);
console.log("\n4. An image, pixel by pixel: quickly (simple: one pass, interpolated between every 4th pixel), then exactly, by one pass of the dense form and by the\n   sixteen of shift-and-stitch (advanced); all checked against the patch classifier itself at 200 pixels.");
const results = ["simple", "dense", "advanced"].map((method) => run(["segment", `${sample}/tissue-512.png`, ...net, "--method", method, "--verify", "200", "--out", `${out}/tissue-512-${method}.png`, "--json"], { json: true })[0]);

const rows = [["method", "time", "largest difference from the patch classifier", "mean difference", "Dice against the truth"]];
for (const result of results) {
  const dice = demoScore(result.out, `${sample}/tissue-512-truth.png`);
  rows.push([result.method, `${result.seconds.toFixed(1)} s`, result.verify.largest.toExponential(1), result.verify.mean.toExponential(1), dice.toFixed(3)]);
}
const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
console.log(`\n${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column])).join("   ").trimEnd()).join("\n")}`);
console.log(`\nThe maps, as pictures: ${out}/tissue-512-simple.png, -dense.png and -advanced.png (white: probability 1)`);
