// Measures segmentation, memory, conversion and the editor, all as ratios within one run, and writes docs/benchmarks.md.
//   npm run bench [-- --side 2000 --sides 1000,2000,4000,8000 --rounds 3 --note "TEXT"]   a few minutes on two cores
//   npm run bench -- --large       also a picture of 20,000 x 20,000, and one of 8,000 x 8,000 whose run is killed and taken up: some minutes more
//   npm run bench -- --editor      the language server alone; writes nothing
//   npm run bench -- --quick       everything once and small: that it works, not how fast; writes nothing
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureEdits } from "./editor.ts";
import { measureConversion, measureSizes } from "./files.ts";
import { writePicture } from "./images.ts";
import { measureMethods, type MethodFigures } from "./methods.ts";
import { branchedNet, foreignNet, sampleNet } from "./nets.ts";
import { report, serverTable } from "./report.ts";
import { measureResume } from "./resume.ts";
import { measureServer } from "./server.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
    side: { type: "string" },
    sides: { type: "string" },
    rounds: { type: "string" },
    editor: { type: "boolean", default: false },
    note: { type: "string" },
    out: { type: "string", default: "docs/benchmarks.md" },
  },
});
const { quick, large } = options;
const rounds = Number(options.rounds ?? (quick ? 1 : 3));
const side = Number(options.side ?? (quick ? 96 : 2000));
const sides = (options.sides ?? (quick ? "300,600" : `1000,2000,4000,8000${large ? ",20000" : ""}`)).split(",").map(Number);

const serverWork = quick ? { layers: 30, edits: 4, lines: 300 } : { layers: 1000, edits: 200, lines: 100_000 };
if (options.editor) {
  console.log(serverTable(await measureServer(serverWork)));
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), "netsurgeon-bench-"));
// What is measured here is no guide for the user's own images, and the other way round.
process.env["XDG_CACHE_HOME"] = join(folder, "cache");
const doing = (what: string): void => { process.stderr.write(`${what} ...\n`); };
try {
  const methods: MethodFigures[] = [];
  for (const net of [sampleNet, await branchedNet(folder), foreignNet()]) {
    if (net === undefined) continue;
    // The others take more work a pixel, and as a patch net at all 64 offsets.
    const pixels = net === sampleNet ? side : Math.min(side, 500);
    doing(`${net.title} on ${pixels} x ${pixels}`);
    const image = join(folder, "image.tif");
    await writePicture(image, pixels);
    methods.push(await measureMethods(net, { image, map: join(folder, "map.tif"), matrix: join(folder, "matrix.onnx"), rounds, sampled: quick ? 8 : 512, plainTiles: net === sampleNet ? 4 : 1 }));
    await rm(image);
  }
  doing(`images of ${sides.join(", ")}`);
  const sizes = await measureSizes(folder, sides);
  doing("conversion");
  const conversion = await measureConversion(folder, quick ? 16 : 4096, quick ? 1 : 2 * rounds + 1);
  doing("editor");
  const edits = await measureEdits(quick ? [10, 20] : [125, 250, 500, 1000, 2000], quick ? 3 : 40);
  const server = await measureServer(serverWork);
  if (large) doing("a run that is killed");
  // The smallest that is written tile by tile is large enough to see that this works.
  const resume = large ? await measureResume(folder, quick ? 2100 : 8000) : undefined;
  const text = report({ methods, sizes, conversion, edits, server, ...(resume && { resume }), ...(options.note !== undefined && { note: options.note }) });
  console.log(text);
  if (!quick) await writeFile(options.out, text);
} finally {
  await rm(folder, { recursive: true, force: true });
}
