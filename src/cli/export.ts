import { Command } from "commander";
import { Failure } from "../text/failure.ts";
import { bytes, counted } from "../text/words.ts";
import { shapeText } from "../layers/shape.ts";
import { inferShapes } from "../net/shapes.ts";
import type { Pair } from "../layers/definition.ts";
import { inputLayers } from "../net/net.ts";
import { exportNet } from "../onnx/export.ts";
import { writeOnnxFile } from "../onnx/write.ts";
import { convertNet } from "../surgery/fully-convolutional.ts";
import { paramSources } from "../surgery/weights.ts";
import { openWeights } from "../weights/open.ts";
import { readParams } from "../weights/params.ts";
import { netFailure, readNetFile, requireFitting, requireSound, shapesOf, type NetOptions } from "./net-file.ts";
import { integer, netOptions, size } from "./options.ts";
import { requireApart } from "./outputs.ts";
import { diagnosticLines, say, warn } from "./print.ts";

interface ExportOptions extends NetOptions {
  readonly weights?: string;
  readonly out: string;
  readonly fullyConvolutional?: boolean;
  readonly inputSize?: Pair;
  readonly batch?: number;
  readonly output?: readonly string[];
}

/** `netsurgeon export FILE` */
export function exportCommand(): Command {
  const command = new Command("export")
    .description("Writes a net with its weights as an ONNX model (opset 17).")
    .argument("<file>", "a prototxt")
    .option("--weights <model>", "its .caffemodel; nets without learned weights need none")
    .requiredOption("--out <file>", "where the model goes")
    .option("--fully-convolutional", "convert the patch classifier to a fully convolutional net first")
    .option("--input-size <HxW>", "rows and columns of the input (default: those of the prototxt)", size)
    .option("--batch <n>", "images at once (default: that of the prototxt)", integer)
    .option("--output <blob...>", "blobs to give out (default: the net's outputs)");
  return netOptions(command)
    .addHelpText(
      "after",
      "\nInputs and outputs are named as the net's blobs; values are those of Caffe.\n\nExample:\n  $ netsurgeon export deploy.prototxt --weights net.caffemodel --fully-convolutional --input-size 532x532 --out net.onnx",
    )
    .action(exportFile);
}

async function exportFile(file: string, options: ExportOptions): Promise<void> {
  const document = await readNetFile(file, options);
  let shapes = await shapesOf(document, options);
  requireSound(file, shapes);
  requireApart([options.out], [file, options.weights], "Choose another name with --out.");
  const model = options.weights === undefined ? undefined : await openWeights(options.weights);
  if (model !== undefined) requireFitting(file, shapes, model);
  let sources: ReturnType<typeof paramSources> | undefined;
  if (options.fullyConvolutional === true) {
    const surgery = convertNet(shapes);
    if ("refusals" in surgery) throw netFailure(file, document, surgery.refusals, surgery.refusals[0]!);
    for (const line of diagnosticLines(file, document, surgery.obstacles)) warn(line);
    shapes = surgery.shapes;
    sources = paramSources(surgery);
  }
  if (options.inputSize !== undefined || options.batch !== undefined) shapes = resized(file, shapes, options);
  const params = await readParams(shapes, model, sources);
  const onnx = exportNet(shapes, params, options.output === undefined ? {} : { outputs: options.output });
  await writeOnnxFile(onnx, options.out);
  const total = onnx.graph.initializers.reduce((sum, { data }) => sum + data.byteLength, 0);
  const blob = ({ name, shape }: { name: string; shape: readonly (number | string)[] }): string =>
    `${name} (${shapeText(shape.map(Number))})`;
  say(
    `wrote ${options.out}: ${counted(onnx.graph.nodes.length, "operator")}, ${bytes(total)} of weights; ${onnx.graph.inputs.map(blob).join(", ")} -> ${onnx.graph.outputs.map(blob).join(", ")}`,
  );
}

/** The net on an input of another size. */
function resized(file: string, shapes: Awaited<ReturnType<typeof shapesOf>>, options: ExportOptions): Awaited<ReturnType<typeof shapesOf>> {
  const inputs = new Map(
    inputLayers(shapes.net).flatMap((layer) =>
      layer.tops.flatMap((blob, i) => {
        const shape = shapes.layers[layer.index]!.tops[i];
        if (shape?.length !== 4) return [];
        const [batch, channels, rows, columns] = shape;
        return [
          [blob.name, [options.batch ?? batch!, channels!, options.inputSize?.[0] ?? rows!, options.inputSize?.[1] ?? columns!]] as const,
        ];
      }),
    ),
  );
  const result = inferShapes(shapes.net, { inputs });
  const error = result.diagnostics.find((d) => d.severity === "error");
  if (error !== undefined)
    throw new Failure("bad-net", `on that input, ${error.message}`, {
      file,
      ...(options.fullyConvolutional !== true && {
        advice: "A net with fully connected layers runs on its own input size only: add --fully-convolutional.",
      }),
    });
  return result;
}
