import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { onnxBytes } from "../../src/onnx/write.ts";
import { conformanceCases, conformancePack } from "../support/conformance.ts";
import { patchNetModel } from "../support/patch-net.ts";
import { checkImage, checkModelOfNet, checkOnnx, checkWeightsFile } from "./check-bytes.ts";
import { checkText } from "./check-text.ts";
import { byteMutants, textMutants, wireMessages } from "./mutants.ts";

/** A part of the engine that strangers' files reach: what to try on it, and what must hold whatever is tried. */
export interface Target {
  readonly inputs: () => fc.Arbitrary<string | Uint8Array>;
  /** Throws where the input brings out a defect; a Failure is an answer and no defect. */
  readonly check: (input: string | Uint8Array) => void | Promise<void>;
  /** How many inputs a short run tries. */
  readonly runs: number;
}

/** The targets by name. */
export const targets: Readonly<Record<string, Target>> = {
  text: { inputs: () => textMutants(texts()), check: (input) => { checkText(String(input)); }, runs: 250 },
  characters: { inputs: () => fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."layer{}<>[]:,\"'#-\n 01.\\".split("")) })), check: (input) => { checkText(String(input)); }, runs: 150 },
  model: { inputs: () => byteMutants(models().map(({ bytes }) => bytes)), check: (input) => checkWeightsFile(bytesOf(input)), runs: 1500 },
  wire: { inputs: () => wireMessages([1, 2, 4, 5, 6, 7, 8, 9, 10, 12, 25, 100]), check: (input) => checkWeightsFile(bytesOf(input)), runs: 1500 },
  surgery: { inputs: () => byteMutants([sampleModel().bytes]), check: (input) => checkModelOfNet(bytesOf(input), sampleModel().net, scratch()), runs: 25 },
  onnx: { inputs: () => fc.oneof(byteMutants([onnxModel()]), wireMessages([1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 14, 20, 21])), check: (input) => checkOnnx(bytesOf(input)), runs: 1500 },
  image: { inputs: () => byteMutants(images()), check: (input) => checkImage(bytesOf(input), scratch()), runs: 400 },
};

/** Inputs of a target; the same for the same seed. */
export function inputsOf(target: string, seed: number, count: number): (string | Uint8Array)[] {
  return fc.sample(targets[target]!.inputs(), { seed, numRuns: count });
}

const fixtures = join(import.meta.dirname, "../fixtures");
const sample = join(import.meta.dirname, "../../samples/nuclei32");

const texts = once(() => [
  ...conformanceCases().map(({ text }) => text).filter((text) => text.length < 6000),
  ...["lint", "net", "prototxt", "surgery"].flatMap((folder) =>
    readdirSync(join(fixtures, folder)).filter((name) => name.endsWith(".prototxt")).map((name) => readFileSync(join(fixtures, folder, name), "utf8")),
  ),
  readFileSync(join(sample, "deploy.prototxt"), "utf8"),
  'net: "deploy.prototxt"\nbase_lr: 0.01\nlr_policy: "step"\nstepsize: 100\nmax_iter: 1000\nsolver_mode: GPU\ntest_iter: 10\ntest_interval: 100\nsnapshot_prefix: "x"\n',
]);

const models = once(() =>
  conformanceCases().flatMap(({ text, meta, file }) => {
    if (!meta.weights) return [];
    const bytes = file(meta.weights);
    return bytes.length < 20_000 ? [{ net: text, bytes }] : [];
  }),
);

/** A patch net of the conformance suite with its model: small enough to be converted and exported many times a second. */
const sampleModel = once(() => {
  const pack = conformancePack();
  const pairs = pack.paths
    .filter((path) => path.endsWith("/patch.caffemodel"))
    .map((path) => ({ bytes: pack.read(path), net: pack.text(path.replace(".caffemodel", ".prototxt")) }));
  return pairs.reduce((least, pair) => (pair.bytes.length < least.bytes.length ? pair : least));
});

const onnxModel = once(() =>
  onnxBytes(patchNetModel({ channels: 1, classes: 2, conv1: { height: 3, width: 3 }, pool: { height: 2, width: 2 }, conv2: { height: 2, width: 2 } }, { height: 6, width: 6 })),
);

const images = once(() =>
  readdirSync(join(fixtures, "image"))
    .filter((name) => /^(tissue|palette|one-bit|rgb)\.png$|\.jpg$|\.tif$/.test(name))
    .map((name) => readFileSync(join(fixtures, "image", name)))
    .filter((bytes) => bytes.length < 10_000),
);

const scratch = once(() => mkdtempSync(join(tmpdir(), "netsurgeon-hostile-")));

function bytesOf(input: string | Uint8Array): Uint8Array {
  return typeof input === "string" ? Buffer.from(input) : input;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
