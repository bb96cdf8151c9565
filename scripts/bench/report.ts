import { cpus, platform, release, totalmem } from "node:os";
import { bytes, count, duration, shortCount } from "../../src/text/words.ts";
import type { EditFigures } from "./editor.ts";
import type { ConversionFigures, SizeFigures } from "./files.ts";
import { exponent } from "./measure.ts";
import type { MethodFigures } from "./methods.ts";

export interface Figures {
  readonly methods: MethodFigures;
  readonly sizes: readonly SizeFigures[];
  readonly conversion: ConversionFigures;
  readonly edits: readonly EditFigures[];
  /** What the reader should know of the circumstances. */
  readonly note?: string;
}

/** The figures as Markdown: ratios first, for they are what another machine will find too. */
export function report({ methods, sizes, conversion, edits, note }: Figures): string {
  const { perPixel, work, matrixRate } = methods;
  const ofMatrix = (secondsAPixel: number): string => `${Math.round((work / secondsAPixel / matrixRate) * 100)} %`;
  const rate = (secondsAPixel: number): string => `${shortCount(Math.round(1 / secondsAPixel))} pixels/s`;
  const times = (a: number, b: number): string => `${(a / b).toPrecision(3)} x`;
  const largest = sizes.at(-1)!;
  const usual = sizes.find(({ side }) => side === 4000) ?? sizes[0]!;
  return `# Benchmarks

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} x ${cpus()[0]?.model ?? "?"}, ${bytes(totalmem())} of memory, ${platform()} ${release()}, Node ${process.versions.node}.
Medians of ${methods.rounds === 1 ? "1 round" : `${count(methods.rounds)} rounds`}; in a round everything that is compared runs one after the other, so that ratios hold where times do not.
${note === undefined ? "" : `\n**${note}**\n`}
## Methods

The sample net (patch 32, stride 4) on ${count(methods.side)} x ${count(methods.side)} pixels, on the CPU; \`naive\` on a sample of them. In dense form a pixel takes ${count(work)} multiply-adds.
The measure is the machine's rate in a 2,048 x 2,048 matrix product in the same inference process: ${shortCount(matrixRate)} multiply-adds/s.

${markdown([
  ["method", "rate", "against dense", "of the matrix rate"],
  ...(["dense", "simple", "advanced", "naive"] as const).map((method) => [method, rate(perPixel[method]), times(perPixel[method], perPixel.dense), method === "dense" ? ofMatrix(perPixel.dense) : ""]),
  ["dense, the net alone", rate(methods.denseNet), times(methods.denseNet, perPixel.dense), ofMatrix(methods.denseNet)],
  ["dense, image file to map file", rate(methods.program), times(methods.program, perPixel.dense), ofMatrix(methods.program)],
])}

From file to file both processes together held ${bytes(methods.programMemory)} at most.

## Size of the image

A net of one small layer, so that reading, moving and writing the pixels is what is measured: tiled TIFF in, tiled float TIFF with smaller copies out.

${markdown([
  ["image", "time", "time a megapixel", "most memory, both processes"],
  ...sizes.map(({ side, seconds, peak }) => [`${count(side)} x ${count(side)}`, duration(seconds), duration((seconds / side ** 2) * 1e6), bytes(peak)]),
])}

Time grows as the pixels to the power of ${exponent(sizes.map(({ side, seconds }) => [side ** 2, seconds])).toFixed(2)}; at ${count(largest.side)} x ${count(largest.side)} the memory is ${(largest.peak / usual.peak).toFixed(2)} times that at ${count(usual.side)} x ${count(usual.side)}.

## Conversion of a model

A model of ${bytes(conversion.size)}, with the fully connected layers of VGG-16: converting takes ${duration(conversion.convert)}, copying the file ${duration(conversion.copy)}: ${times(conversion.convert, conversion.copy)}, the start of the program included. Most memory: ${bytes(conversion.peak)}.

## Edits in the editor

From a keystroke to the findings, by the language server.

${markdown([["layers", "time"], ...edits.map(({ layers, milliseconds }) => [count(layers), `${milliseconds.toFixed(1)} ms`])])}

The time grows as the layers to the power of ${exponent(edits.map(({ layers, milliseconds }) => [layers, milliseconds])).toFixed(2)}.
`;
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
