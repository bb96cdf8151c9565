import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import { inferShapes } from "../../src/net/shapes.ts";
import { lintShapes } from "../../src/lint/lint.ts";
import { hasReal, realText } from "../support/real.ts";

interface Entry { readonly json: string; readonly prototxt: string; readonly phase: "TRAIN" | "TEST"; readonly stages: readonly string[]; readonly ok: boolean; readonly error: string | null }
interface CaffeLayer { readonly name: string; readonly type: string; readonly tops: readonly string[]; readonly bottoms: readonly string[]; readonly bottoms_src?: readonly string[]; readonly top_shapes: unknown; readonly param_shapes: unknown; readonly auto_split?: boolean }

const entries = hasReal ? (JSON.parse(realText("shapes", "INDEX.json")) as Entry[]) : [];

/** Published nets, their shapes as BVLC Caffe computed them. */
describe.skipIf(entries.length === 0)("nets of others have the shapes that Caffe gives them", () => {
  test.each(entries.map((entry) => [entry.json, entry] as const))("%s", (_, entry) => {
    const text = realText("shapes", entry.prototxt);
    const shapes = inferShapes(readNet(readDocument(text), { phase: entry.phase, stages: entry.stages }));
    expect(lintShapes(shapes, { pixelwise: "on" }).filter((d) => d.severity === "error")).toEqual([]);
    if (!entry.ok) {
      // BVLC Caffe refuses NVIDIA's fields, and so do we where we are told that the net is for BVLC Caffe.
      expect(shapes.net.dialect).toBe("nvidia");
      expect(readDocument(text, { dialect: "bvlc" }).diagnostics[0]?.code).toBe("unknown-field");
      return;
    }
    const caffe = (JSON.parse(realText("shapes", entry.json)) as CaffeLayer[]).filter((layer) => layer.auto_split !== true);
    const ours = shapes.net.layers.map((layer, i) => ({ name: layer.name, type: layer.type, bottoms: layer.bottomNames, tops: layer.tops.map((blob) => blob.name), top_shapes: shapes.layers[i]!.tops, param_shapes: shapes.layers[i]!.params }));
    expect(ours).toEqual(caffe.map(({ name, type, bottoms, bottoms_src, tops, top_shapes, param_shapes }) => ({ name, type, bottoms: bottoms_src ?? bottoms, tops, top_shapes, param_shapes })));
  });
});
