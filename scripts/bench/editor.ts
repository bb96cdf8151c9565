import { median } from "./measure.ts";
import { startEditor } from "./server.ts";

/** How long after an edit the findings of a net of so many layers are there. */
export interface EditFigures {
  readonly layers: number;
  readonly milliseconds: number;
}

/** Types digits into nets of growing size, one of which after the other gets an edit, in a language server as an editor runs it. */
export async function measureEdits(sizes: readonly number[], edits: number): Promise<EditFigures[]> {
  const editor = await startEditor();
  const uriOf = (layers: number): string => `file:///bench/${layers}.prototxt`;
  for (const layers of sizes) await editor.open(uriOf(layers), 0, netOf(layers));
  const times = new Map<number, number[]>(sizes.map((layers) => [layers, []]));
  for (let version = 1; version <= edits; version++) {
    for (const layers of sizes) {
      const uri = uriOf(layers);
      const line = LINES * Math.floor(((version * 0.618) % 1) * layers) + COUNT_LINE + 1;
      const start = performance.now();
      const there = editor.published(uri, version);
      const range = { start: { line, character: COUNT_AT }, end: { line, character: COUNT_AT + 1 } };
      await editor.connection.sendNotification("textDocument/didChange", { textDocument: { uri, version }, contentChanges: [{ range, text: String(1 + (version % 9)) }] });
      await there;
      times.get(layers)!.push(performance.now() - start);
    }
  }
  await editor.stop();
  return sizes.map((layers) => ({ layers, milliseconds: median(times.get(layers)!) }));
}

/** Lines of a layer, and where among them its number of outputs stands; one line of input comes before them. */
const [LINES, COUNT_LINE, COUNT_AT] = [10, 6, 16];

function netOf(layers: number): string {
  const layer = (i: number): string =>
    `layer {\n  name: "conv${i}"\n  type: "Convolution"\n  bottom: "${i === 0 ? "data" : `conv${i - 1}`}"\n  top: "conv${i}"\n  convolution_param {\n    num_output: 4\n    kernel_size: 1\n  }\n}\n`;
  const input = 'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }\n';
  return input + Array.from({ length: layers }, (_, i) => layer(i)).join("");
}
