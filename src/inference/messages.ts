import type { Preprocessing } from "../dense/preprocess.ts";

/**
 * What the inference process and the process that started it say to each other, typed arrays copied on the way; and what the threads of the inference
 * process say to each other. Pixels, and the planes made of them, go beside the messages (`byte-stream.ts`).
 */

/** The argument of an inference process that gives way to others. */
export const BACKGROUND = "--background";

/** Execution providers by their names in onnxruntime. */
export type Provider = "cpu" | "cuda" | "tensorrt" | "dml" | "coreml" | "webgpu";

/** A tensor on its way: sizes, and elements in row-major order. */
export interface Tensor {
  readonly type: "float32" | "int64" | "int32" | "uint8" | "bool";
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array | Int32Array | Uint8Array;
}

export type Tensors = Readonly<Record<string, Tensor>>;

/** An input or output of a loaded model; a size known only when it runs is a name, or -1 where it has none. */
export interface ValueInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** How a model is to be run. */
export interface SessionOptions {
  readonly provider: Provider;
  /** Threads of one operator; left out, one per physical core. */
  readonly threads?: number;
  /** How far the graph is optimised; left out, fully. */
  readonly optimisation?: "disabled" | "basic" | "extended" | "all";
}

/** A model ready to run in the inference process. */
export interface Session {
  readonly id: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** The state of the inference process. */
export interface Status {
  /** Execution providers compiled into this onnxruntime; their libraries may still be missing. */
  readonly compiledIn: readonly Provider[];
  readonly sessions: number;
  /** Memory of the process now and at its most, in bytes. */
  readonly memory: number;
  readonly peakMemory: number;
}

export type Request =
  | { readonly kind: "load"; readonly model: Uint8Array | string; readonly options: SessionOptions }
  | { readonly kind: "run"; readonly session: number; readonly feeds: Tensors; readonly outputs?: readonly string[] }
  | ({ readonly kind: "classify"; readonly session: number; /** How many bytes of pixels follow. */ readonly pixels: number } & Omit<Windows, "pixels">)
  | { readonly kind: "dispose"; readonly session: number }
  | { readonly kind: "status" };

/** Windows of an image for a net with one image input, and which plane of its output is wanted. Bytes, a quarter of the floats they become. */
export interface Windows {
  /** Interleaved pixels, 8 bits a sample, of `count` windows one after the other; the net's batch may be larger. */
  readonly pixels: Uint8Array;
  readonly channels: number;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** How many windows the net takes at once. */
  readonly batch: number;
  readonly preprocessing: Preprocessing;
  /** Left out, the net's first output. */
  readonly output?: string;
  readonly classIndex: number | "all";
}

/** The wanted class of every window, one plane after the other; of all classes, each window's planes in turn. */
export interface Planes {
  /** Empty where the output is not N x C x H x W or N x C, has too small a batch, or not that class. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Shape and element type of the whole output. */
  readonly shape: readonly number[];
  readonly type: string;
  /** Time of the run itself. */
  readonly seconds: number;
}

/** What each request is answered with. */
export interface Answers {
  load: Session;
  run: { readonly outputs: Tensors; /** Time of the run itself. */ readonly seconds: number };
  classify: Planes;
  dispose: null;
  status: Status;
}

export type Numbered = Request & { readonly id: number };

export type Reply =
  | { readonly kind: "ready" }
  | { readonly kind: "unusable"; readonly reason: string }
  | { readonly kind: "done"; readonly id: number; readonly answer: Answers[Exclude<keyof Answers, "classify">] }
  | { readonly kind: "planes"; readonly id: number; /** How many values follow. */ readonly values: number; readonly planes: Omit<Planes, "values"> }
  | { readonly kind: "failed"; readonly id: number; readonly reason: string };

/** The input of a net made of windows, on its way between the threads of the inference process: the array is handed over, not copied. */
export interface Filled extends Pick<Windows, "count" | "output" | "classIndex"> {
  readonly data: Float32Array<ArrayBuffer>;
  readonly shape: readonly [batch: number, channels: number, height: number, width: number];
}

/** A request as the thread that runs models takes it: pixels have become floats. */
export type ThreadRequest = Exclude<Numbered, { readonly kind: "classify" }> | ({ readonly kind: "filled"; readonly id: number; readonly session: number } & Filled);

/** Its reply; to a request of windows with their array. */
export type ThreadReply =
  | Exclude<Reply, { readonly kind: "planes" | "failed" }>
  | { readonly kind: "classified"; readonly id: number; readonly planes: Planes; readonly lent: Float32Array<ArrayBuffer> }
  | (Extract<Reply, { readonly kind: "failed" }> & { readonly lent?: Float32Array<ArrayBuffer> });
