import { describe, expect, test } from "vitest";
import { clippedWindows } from "../../src/lint/clipped-pooling.ts";
import { lint } from "../../src/lint/lint.ts";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes, type NetShapes } from "../../src/net/shapes.ts";
import type { Message } from "../../src/prototxt/message.ts";
import { convertNet } from "../../src/surgery/fully-convolutional.ts";
import { conformancePack } from "../support/conformance.ts";
import { plain, type Plain } from "../support/plain.ts";

interface SurgeryMeta {
  readonly image: { readonly shape: readonly [number, number, number] };
  readonly ceilClips: readonly string[];
}

const pack = conformancePack();
const ids = pack.paths.flatMap((path) => /^surgery\/([^/]+)\/meta\.json$/.exec(path)?.[1] ?? []);
const read = (id: string, file: string): NetShapes => inferShapes(readNet(readDocument(pack.text(`surgery/${id}/${file}`))));

/** What a layer says; a stride of 1 need not be said. */
function said(layer: Message): Plain {
  const all = plain(layer);
  const [pool] = all["pooling_param"] ?? [];
  return typeof pool === "object" && pool["stride"]?.[0] === 1 ? { ...all, pooling_param: [Object.fromEntries(Object.entries(pool).filter(([name]) => name !== "stride"))] } : all;
}

/** Patch nets of the conformance suite, and the fully convolutional ones that were written by hand for them and run by Caffe. */
describe("conversion gives the net that was written by hand", () => {
  test("there are sixteen", () => {
    expect(ids.length).toBe(16);
  });

  test.each(ids)("%s", (id) => {
    const { image } = JSON.parse(pack.text(`surgery/${id}/meta.json`)) as SurgeryMeta;
    const [, rows, columns] = image.shape;
    const surgery = convertNet(read(id, "patch.prototxt"), { inputSize: [rows, columns], softmax: false });
    if ("refusals" in surgery) throw new Error(surgery.refusals.map((d) => d.message).join(" "));
    const ours = inferShapes(readNet(readDocument(surgery.text)));
    const wanted = read(id, "fcn.prototxt");
    expect(ours.net.layers.map((layer) => said(layer.message))).toEqual(wanted.net.layers.map((layer) => said(layer.message)));
    expect(ours.layers).toEqual(wanted.layers);
    expect([...ours.net.document.diagnostics, ...ours.net.diagnostics, ...ours.diagnostics]).toEqual([]);
  });
});

describe("pooling windows that hang over the edge of a patch are flagged, and no others", () => {
  test.each(ids)("%s", (id) => {
    const { ceilClips } = JSON.parse(pack.text(`surgery/${id}/meta.json`)) as SurgeryMeta;
    const shapes = read(id, "patch.prototxt");
    const clipped = shapes.net.layers.filter((layer) => clippedWindows(shapes, layer).length > 0).map((layer) => layer.name);
    expect(clipped).toEqual([...new Set(ceilClips.map((clip) => clip.split(/[^\w-]/)[0]))]);
    const flagged = lint(shapes.net, {}).filter((d) => d.code === "clipped-pooling");
    expect(flagged.map((d) => d.layer)).toEqual(clipped);
    expect(flagged.every((d) => /would fit whole windows; or set round_mode: FLOOR and retrain\.$/.test(d.message))).toBe(true);
  });
});
