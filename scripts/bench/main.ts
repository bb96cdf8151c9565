// Measures segmentation, memory, conversion and the editor, all as ratios within one run, and writes docs/benchmarks.md.
//   npm run bench [-- --side 2000 --sides 1000,2000,4000,8000 --rounds 3 --note "TEXT"]
//   npm run bench -- --quick       everything once and small: that it works, not how fast; writes nothing
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureEdits } from "./editor.ts";
import { measureConversion, measureSizes } from "./files.ts";
import { writePicture } from "./images.ts";
import { measureMethods } from "./methods.ts";
import { report } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    side: { type: "string" },
    sides: { type: "string" },
    rounds: { type: "string" },
    note: { type: "string" },
    out: { type: "string", default: "docs/benchmarks.md" },
  },
});
const { quick } = options;
const rounds = Number(options.rounds ?? (quick ? 1 : 3));
const side = Number(options.side ?? (quick ? 96 : 2000));
const sides = (options.sides ?? (quick ? "300,600" : "1000,2000,4000,8000")).split(",").map(Number);

const folder = await mkdtemp(join(tmpdir(), "netsurgeon-bench-"));
// What is measured here is no guide for the user's own images, and the other way round.
process.env["XDG_CACHE_HOME"] = join(folder, "cache");
const doing = (what: string): void => { process.stderr.write(`${what} ...\n`); };
try {
  doing(`methods on ${side} x ${side}`);
  const image = join(folder, "image.tif");
  await writePicture(image, side);
  const methods = await measureMethods(side, image, join(folder, "map.tif"), rounds, quick ? 8 : 512);
  doing(`images of ${sides.join(", ")}`);
  const sizes = await measureSizes(folder, sides);
  doing("conversion");
  const conversion = await measureConversion(folder, quick ? 16 : 4096, rounds);
  doing("editor");
  const edits = await measureEdits(quick ? [10, 20] : [125, 250, 500, 1000, 2000], quick ? 3 : 40);
  const text = report({ methods, sizes, conversion, edits, ...(options.note !== undefined && { note: options.note }) });
  console.log(text);
  if (!quick) await writeFile(options.out, text);
} finally {
  await rm(folder, { recursive: true, force: true });
}
