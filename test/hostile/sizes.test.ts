import { describe, expect, test } from "vitest";
import { Failure, sentence } from "../../src/text/failure.ts";
import { analyze } from "../../src/ide/analysis.ts";
import { shapesTable } from "../../src/ide/table.ts";
import { exportNet } from "../../src/onnx/export.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { readParams } from "../../src/weights/params.ts";

const huge = 2_147_483_647;
const input = (channels: number, rows: number, columns = rows): string =>
  `layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: ${channels} dim: ${rows} dim: ${columns} } } }\n`;
const layer = (type: string, param: string): string => `layer { name: "x" type: "${type}" bottom: "data" top: "x" ${param} }\n`;

/**
 * Nets of a few lines that ask for more than any computer has: all that an editor asks of them is answered, and an export is refused with this, in less
 * memory than the sizes they name.
 */
async function checkHuge(text: string, refusal: RegExp): Promise<void> {
  const before = process.memoryUsage();
  const analysis = analyze(text);
  shapesTable(analysis, "net");
  convertNet(analysis.shapes);
  const errors = analysis.diagnostics.filter((d) => d.severity === "error");
  const exported = errors[0]?.message ?? (await readParams(analysis.shapes, undefined).then((params) => exportNet(analysis.shapes, params)).then(() => "exported", (cause: unknown) => {
    if (!(cause instanceof Failure)) throw cause;
    return sentence(cause);
  }));
  expect(exported).toMatch(refusal);
  const after = process.memoryUsage();
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(2e8);
}

describe("sizes beyond reason", () => {
  const filled = 'weight_filler { type: "constant" }';
  const cases: [what: string, text: string, refusal: RegExp][] = [
    ["num_output", input(3, 8) + layer("Convolution", `convolution_param { num_output: ${huge} kernel_size: 3 ${filled} }`), /too|more|2,147,483,64/],
    ["kernel_size", input(3, 8) + layer("Convolution", `convolution_param { num_output: 2 kernel_size: ${huge} ${filled} }`), /kernel|larger|too|weights/],
    ["pad", input(3, 8) + layer("Convolution", `convolution_param { num_output: 2 kernel_size: 3 pad: ${huge} ${filled} }`), /too|more|values|2,147,483,64|negative/],
    ["num_output of a fully connected layer", input(3, 800) + layer("InnerProduct", `inner_product_param { num_output: 1000000 ${filled} }`), /too|more|values|2,147,483,64/],
    ["scale of every value", input(16_384, 256, 256) + layer("Scale", "scale_param { axis: 1 num_axes: -1 }"), /filled with 1,073,741,824 values/],
    ["local response over many channels", input(100_000, 1) + layer("LRN", "lrn_param { local_size: 5 }"), /constant of 10,000,000,000 values/],
    ["average pooling", input(1, 46_000) + layer("Pooling", "pooling_param { pool: AVE kernel_size: 2 stride: 2 pad: 1 }") , /constant of|exported/],
    ["input", input(huge, huge), /2,147,483,647|more/],
    ["a parameter", 'layer { name: "p" type: "Parameter" top: "p" parameter_param { shape { dim: 2000000000 } } }\n', /filled with 2,000,000,000 values/],
    ["pyramid", input(3, 65_536) + layer("SPP", `spp_param { pyramid_height: ${huge} }`), /./],
    ["tiles", input(3, 1000) + layer("Tile", `tile_param { tiles: ${huge} }`), /too|more|2,147,483,64/],
    ["axes", `layer { name: "data" type: "Input" top: "data" input_param { shape { ${"dim: 1 ".repeat(5000)} } } }\n`, /32/],
    ["tops", `layer { name: "data" type: "Input" ${Array.from({ length: 20_000 }, (_, i) => `top: "t${i}"`).join(" ")} input_param { shape { dim: 1 } } }\n`, /./],
  ];
  test.each(cases)("%s", (_, text, refusal) => checkHuge(text, refusal));
});
