import { cpus, platform, release, totalmem } from "node:os";
import { bytes, count, duration, shortCount } from "../../src/text/words.ts";
import type { EditFigures } from "./editor.ts";
import type { ConversionFigures, SizeFigures } from "./files.ts";
import { exponent } from "./measure.ts";
import type { MethodFigures, Timed } from "./methods.ts";
import type { ResumeFigures } from "./resume.ts";
import type { ServerFigure } from "./server.ts";

export interface Figures {
  /** The sample net first. */
  readonly methods: readonly MethodFigures[];
  readonly sizes: readonly SizeFigures[];
  readonly conversion: ConversionFigures;
  readonly edits: readonly EditFigures[];
  readonly server: readonly ServerFigure[];
  readonly resume?: ResumeFigures;
  /** What the reader should know of the circumstances. */
  readonly note?: string;
}

/** The figures as Markdown: first what is aimed at, then each measurement; ratios, for they are what another machine will find too. */
export function report(figures: Figures): string {
  const { methods, note } = figures;
  const rounds = methods[0]!.rounds;
  return `# Benchmarks

Made by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${cpus().length} x ${cpus()[0]?.model ?? "?"}, ${bytes(totalmem())} of memory, ${platform()} ${release()}, Node ${process.versions.node}.
Medians of ${rounds === 1 ? "1 round" : `${count(rounds)} rounds`}; in a round everything that is compared runs one after the other, so that ratios hold where times do not.
${note === undefined ? "" : `\n**${note}**\n`}
## In short

${inShort(figures)}

How to read it: the *matrix rate* is how many multiply-adds a second onnxruntime reaches on this machine in products of two 2,048 x 2,048 matrices, sixteen in
a row, in the same run: in a Node process and a session as they are by default. In the inference process, whose memory and threads are set up for long runs, products are faster as
well; figures against that rate stand beside. A net's own work is every weight of its convolutions once a pixel. *Plain passes* are shift-and-stitch with the net as a simple exporter writes
it: nothing folded, LRN as ONNX's own operator. Memory is the most that both processes held, added up.

${methods.map(methodSection).join("\n\n")}

${sizeSection(figures)}

## Conversion of a model

A model of ${bytes(figures.conversion.size)}, with the fully connected layers of VGG-16. Before each run the disk is at rest and the target is not there; none of them waits for the disk at its end. Copying and converting are done by one process that runs, as an editor does.

${markdown([
  ["", "time", "against copying"],
  ["copying the file", duration(figures.conversion.copy), "1.00 x"],
  ["converting it, net and model", duration(figures.conversion.convert), times(figures.conversion.convert, figures.conversion.copy)],
  ["the same by the command, its start included", duration(figures.conversion.command), times(figures.conversion.command, figures.conversion.copy)],
  ["the start of the program alone", duration(figures.conversion.start), times(figures.conversion.start, figures.conversion.copy)],
])}

Most memory: ${bytes(figures.conversion.peak)}.

## The language server

In a process of its own, by the protocol, as an editor uses it. Edits are random: numbers, and text half typed; a text is opened by a server that is warm.

${serverTable(figures.server)}

## Edits in the editor

From a keystroke to the findings, by the language server.

${markdown([["layers", "time"], ...figures.edits.map(({ layers, milliseconds }) => [count(layers), `${milliseconds.toFixed(1)} ms`])])}

The time grows as the layers to the power of ${editGrowth(figures.edits)}.
`;
}

/** The language server's figures beside their limits. */
export function serverTable(figures: readonly ServerFigure[]): string {
  return markdown([["", "limit", "measured", ""], ...figures.map(({ what, value, limit, unit, note = "" }) => [what, `${count(limit)} ${unit}`, `${value.toFixed(1)} ${unit}`, note])]);
}

/** The figures that are aimed at, beside the aims. */
function inShort({ methods, sizes, conversion, resume }: Figures): string {
  const [sample] = methods as [MethodFigures];
  const usual = usualSize(sizes);
  const rows = [
    [`${count(sample.stride ** 2)} plain passes against dense, ${square(sample.side)}`, "15 x or more", times(sample.perPixel.plain, sample.perPixel.dense)],
    ["rate of the dense net alone, of the matrix rate", "110 % or more", ofMatrix(sample, sample.denseNet)],
    ["rate from image file to map file, of the matrix rate", "90 % or more", ofMatrix(sample, sample.program.perPixel)],
    ["both, of the matrix rate in the inference process", "", `${inside(sample, sample.denseNet)}, ${inside(sample, sample.program.perPixel)}`],
    [`memory from file to file, ${square(sample.side)}`, "below 600 MB", bytes(sample.program.memory)],
    ...sizes.filter(({ side }) => side > usual.side).map(({ side, peak }) => [`memory for ${square(side)}, against ${square(usual.side)}`, "1.15 x or less", times(peak, usual.peak)]),
    ["time from size to size grows as the pixels to the power of", "1", growth(sizes)],
    [`a killed run of ${resume === undefined ? "8,000 x 8,000" : square(resume.side)}, taken up, gives the same file`, "yes", resume === undefined ? "not run (`--large`)" : resume.identical ? "yes" : "no"],
    ["converting a model against copying it", "2 x or less", times(conversion.convert, conversion.copy)],
    ["the same by the command, start of the program included", "", times(conversion.command, conversion.copy)],
    ["memory of that", "below 150 MB", bytes(conversion.peak)],
  ];
  return markdown([["", "aim", "measured"], ...rows]);
}

function methodSection(figures: MethodFigures): string {
  const { title, side, stride, patch, work, matrixRate, matrixRateInside, perPixel, plainTiles } = figures;
  const words: Readonly<Record<Timed, string>> = {
    dense: "dense", simple: "simple", advanced: "advanced",
    plain: `advanced, ${count(stride ** 2)} plain passes`, naive: "naive",
  };
  return `## ${title}

Patch ${patch}, stride ${stride}; ${square(side)} pixels on the CPU. In dense form a pixel takes ${count(work)} multiply-adds; the matrix rate is ${shortCount(matrixRate)} a second, ${shortCount(matrixRateInside)} in the inference process.

${markdown([
  ["method", "rate", "time against dense", "of the matrix rate", "of that in the inference process"],
  ...(["dense", "simple", "advanced", "plain", "naive"] as const).map((method) => [
    words[method], rate(perPixel[method]), times(perPixel[method], perPixel.dense), ...(method === "dense" ? ofBoth(figures, perPixel.dense) : ["", ""]),
  ]),
  ["dense, the net alone", rate(figures.denseNet), times(figures.denseNet, perPixel.dense), ...ofBoth(figures, figures.denseNet)],
  ["dense, image file to map file", rate(figures.program.perPixel), times(figures.program.perPixel, perPixel.dense), ...ofBoth(figures, figures.program.perPixel)],
])}

The plain passes were run on ${count(plainTiles.timed)} of their ${count(plainTiles.all)} tiles, all ${count(stride ** 2)} of each; \`naive\` on a sample of pixels. Dense and plain differ by ${figures.difference.toExponential(1)} at most.
From file to file both processes together held ${bytes(figures.program.memory)} at most.`;
}

function sizeSection({ sizes, resume }: Figures): string {
  const killed =
    resume === undefined ? "" :
      `\n\nThe sample net on ${square(resume.side)}, killed when ${count(resume.kept)} of ${count(resume.tiles)} tiles were in the file, and run again: the finished file is ${resume.identical ? "the same, byte for byte, as" : "NOT the same as"} that of an undisturbed run.`;
  return `## Size of the image

A net of one small layer, so that reading, moving and writing the pixels is what is measured: tiled TIFF in, tiled float TIFF with smaller copies out.

${markdown([
  ["image", "time", "time a megapixel", "most memory", `against ${square(usualSize(sizes).side)}`],
  ...sizes.map(({ side, seconds, peak }) => [square(side), duration(seconds), duration((seconds / side ** 2) * 1e6), bytes(peak), times(peak, usualSize(sizes).peak)]),
])}

Time grows as the pixels to the power of ${growth(sizes)} (from ${square(largest(sizes)[0]!.side)} on).${killed}`;
}

/** What larger images are compared with. */
function usualSize(sizes: readonly SizeFigures[]): SizeFigures {
  return sizes.find(({ side }) => side === 4000) ?? sizes[0]!;
}

/** Sizes at which the start of a run no longer counts; all where they are small. */
function largest(sizes: readonly SizeFigures[]): readonly SizeFigures[] {
  const large = sizes.filter(({ side }) => side >= 4000);
  return large.length > 1 ? large : sizes;
}

function growth(sizes: readonly SizeFigures[]): string {
  return exponent(largest(sizes).map(({ side, seconds }) => [side ** 2, seconds])).toFixed(2);
}

function editGrowth(edits: readonly EditFigures[]): string {
  return exponent(edits.map(({ layers, milliseconds }) => [layers, milliseconds])).toFixed(2);
}

function square(side: number): string {
  return `${count(side)} x ${count(side)}`;
}

function times(a: number, b: number): string {
  return `${(a / b).toPrecision(3)} x`;
}

function rate(secondsAPixel: number): string {
  return `${shortCount(Math.round(1 / secondsAPixel))} pixels/s`;
}

function ofMatrix({ work, matrixRate }: MethodFigures, secondsAPixel: number): string {
  return percent(work / secondsAPixel / matrixRate);
}

function inside({ work, matrixRateInside }: MethodFigures, secondsAPixel: number): string {
  return percent(work / secondsAPixel / matrixRateInside);
}

function ofBoth(figures: MethodFigures, secondsAPixel: number): [string, string] {
  return [ofMatrix(figures, secondsAPixel), inside(figures, secondsAPixel)];
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}
