import { applyEdits, type TextEdit } from "../text/edit.ts";
import { isComplete } from "../layers/shape.ts";
import { quote } from "../prototxt/scalar.ts";
import type { Layer } from "../net/net.ts";
import { bottomShapes } from "../net/shapes.ts";
import { convertNet, type Surgery } from "../surgery/fully-convolutional.ts";
import { analyze, type Analysis } from "./analysis.ts";
import type { Action } from "./actions.ts";

/** The offers to write one fully connected layer, all of them, and a missing Softmax as a fully convolutional net has them. */
export function convertActions(analysis: Analysis, { layer: name }: { readonly layer?: string | undefined }): Omit<Action, "kind" | "answers">[] {
  const surgery = convertNet(analysis.shapes);
  if ("refusals" in surgery) return [];
  const layer = analysis.net.layers.find((candidate) => candidate.name === name);
  const one = layer === undefined ? undefined : convertOne(analysis, surgery, layer);
  const all = surgery.conversions.length;
  return [
    ...(one === undefined || layer === undefined ? [] : [{ title: `Convert ${layer.name} to a convolution (${kernelText(surgery, layer)})`, edits: one }]),
    ...(all > 1 || (all === 1 && one === undefined) ? [{ title: `Convert ${all === 1 ? "the fully connected layer to a convolution" : `${all === 2 ? "both" : `all ${all}`} fully connected layers to convolutions`}`, edits: withoutSoftmax(analysis, surgery), preview: true }] : []),
    ...(surgery.softmax === undefined ? [] : [{ title: `Add a Softmax layer at the end`, edits: softmaxOnly(analysis) }]),
  ].filter(({ edits }) => edits.length > 0);
}

function kernelText(surgery: Surgery, layer: Layer): string {
  const [rows, columns] = surgery.conversions.find((conversion) => conversion.layer === layer)!.kernel;
  return rows === columns ? `kernel_size ${rows}` : `kernel_h ${rows}, kernel_w ${columns}`;
}

/**
 * The edits of the surgery that concern one layer: its own text, and the mentions of its blob. Undefined where the layer cannot be converted
 * by itself: a convolution reads images, so the layers before it have to be converted first.
 */
function convertOne(analysis: Analysis, surgery: Surgery, layer: Layer): TextEdit[] | undefined {
  const whole = layer.source?.node;
  const bottom = bottomShapes(analysis.shapes, layer)[0];
  if (whole === undefined || !isComplete(bottom) || bottom.length !== 4) return undefined;
  const { text } = analysis;
  const old = new Set(layer.tops.map((top) => quote(top.name)));
  const edits = surgery.edits.filter(({ start, end }) => (start >= whole.start && end <= whole.end) || old.has(text.slice(start, end)));
  const errors = ({ shapes, net, document }: Analysis): number => [...document.diagnostics, ...net.diagnostics, ...shapes.diagnostics].filter((d) => d.severity === "error").length;
  return errors(analyze(applyEdits(text, edits), analysis.options)) > errors(analysis) ? undefined : edits;
}

function withoutSoftmax(analysis: Analysis, surgery: Surgery): readonly TextEdit[] {
  if (surgery.softmax === undefined) return surgery.edits;
  const plain = convertNet(analysis.shapes, { softmax: false });
  return "refusals" in plain ? [] : plain.edits;
}

/** A Softmax behind the net as it is: the surgery's last edit, with the blob's present name. */
function softmaxOnly({ text, shapes, net }: Analysis): TextEdit[] {
  const output = net.blobs.filter((blob) => blob.readers.length === 0 && blob.maker.bottoms.length > 0).at(-1);
  const surgery = convertNet(shapes);
  if (output === undefined || "refusals" in surgery || surgery.softmax === undefined) return [];
  const added = surgery.edits.at(-1)!;
  const named = added.text.replace(/bottom: ("[^"]*")/, () => `bottom: ${quote(output.name)}`);
  return added.start === text.length ? [{ ...added, text: named }] : [];
}
