import { fileURLToPath } from "node:url";
import { openPack, type Pack } from "./pack.ts";

/** What BVLC Caffe made of a net; see the README in the pack. */
export interface CaseMeta {
  readonly id: string;
  readonly group: "layer" | "net" | "accept" | "error";
  readonly layerType: string;
  readonly phase: "TRAIN" | "TEST";
  readonly level: number;
  readonly stages: readonly string[];
  readonly tags: readonly string[];
  readonly inputs?: Readonly<Record<string, Blob>>;
  readonly tops?: Readonly<Record<string, Blob>>;
  readonly params?: Readonly<Record<string, readonly { readonly shape: readonly number[] }[]>>;
  readonly layers?: readonly CaffeLayer[];
  readonly netInputs?: readonly string[];
  readonly netOutputs?: readonly string[];
  readonly weights?: string | null;
  readonly values?: boolean;
  readonly error?: CaffeError;
}

export interface Blob {
  readonly shape: readonly number[];
  readonly file?: string;
  readonly empty?: boolean;
  readonly nonFinite?: boolean;
}

export interface CaffeLayer {
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly string[];
  readonly bottomsSource?: readonly string[];
  readonly tops: readonly string[];
  readonly topShapes: readonly (readonly number[])[];
  readonly paramShapes: readonly (readonly number[])[];
  readonly autoSplit?: boolean;
}

export interface CaffeError {
  readonly stage: "parse" | "upgrade" | "filter" | "splits" | "setup" | "weights" | "forward";
  readonly kind: "fatal" | "signal";
  readonly fatal?: string;
  readonly layer?: string;
  readonly layerSource?: "text" | "log" | "author";
  readonly protobuf?: readonly { readonly line?: number; readonly column?: number; readonly message: string }[];
}

export interface Case {
  readonly id: string;
  readonly text: string;
  readonly meta: CaseMeta;
  readonly file: (name: string) => Buffer;
}

let pack: Pack | undefined;

/** The pack of the conformance suite. */
export function conformancePack(): Pack {
  return (pack ??= openPack(fileURLToPath(new URL("../fixtures/conformance.pack", import.meta.url))));
}

/** All cases of one folder of the suite. */
export function conformanceCases(): Case[] {
  const { paths, read, text } = conformancePack();
  return paths
    .filter((path) => /^cases\/[^/]+\/meta\.json$/.test(path))
    .map((path) => {
      const folder = path.slice(0, -"/meta.json".length);
      const meta = JSON.parse(text(path)) as CaseMeta;
      return { id: meta.id, meta, text: text(`${folder}/net.prototxt`), file: (name) => read(`${folder}/${name}`) };
    });
}
