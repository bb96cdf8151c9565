import { Failure } from "../text/failure.ts";
import type { Readable, Writable } from "node:stream";
import { BYTES, byteStream, type ByteStream } from "./byte-stream.ts";
import { startChild } from "./child.ts";
import { BACKGROUND } from "./messages.ts";
import type { Answers, Planes, Provider, Reply, Request, Session, SessionOptions, Status, Tensors, Windows } from "./messages.ts";
import { providerFailure } from "./provider-failure.ts";

/** A running inference process. Calls are answered in the order they were made; a Failure "inference" says why one was not. */
export interface Inference {
  readonly pid: number;
  /** Loads a model from its bytes or from a file. Prefer a file for large models: bytes are copied to the process. */
  load(model: Uint8Array | string, options: SessionOptions): Promise<Session>;
  /** Runs a model; `outputs` names the wanted ones, left out it is all. */
  run(session: Session, feeds: Tensors, outputs?: readonly string[]): Promise<Answers["run"]>;
  /**
   * Runs a model that takes one image on windows of an image, whose pixels must stay as they are until it has answered. The values come in `into`, where they
   * are as many.
   */
  classify(session: Session, windows: Windows, into?: Float32Array<ArrayBuffer>): Promise<Planes>;
  /** Frees a model. */
  dispose(session: Session): Promise<void>;
  status(): Promise<Status>;
  /** The last 4,000 characters that the process wrote to its error output: the full story behind a short reason. */
  lastWords(): string;
  /** Ends the process at once, whatever it is doing; calls under way are rejected as cancelled. */
  close(): Promise<void>;
}

export interface InferenceOptions {
  /** Ends the process at once when it fires; calls under way and later ones are rejected as cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** True: what the user does in the meantime goes first, where both want the processor. */
  readonly background?: boolean;
}

interface Call {
  readonly resolve: (answer: never) => void;
  readonly reject: (failure: Failure) => void;
  /** The Failure for what the process says of this call. */
  readonly failure: (said: string) => Failure;
  /** Where its values are to go. */
  readonly into: Float32Array<ArrayBuffer> | undefined;
}

const MB = 2 ** 20;

/**
 * What Linux's allocator is told: to ask for memory in pages of 2 MB where there are such, much at once, and to keep what was freed. A run uses a hundred
 * megabytes; to get them anew from the system, in pages of 4 kB, would take longer than the run.
 */
const allocator = [
  "hugetlb=1", `top_pad=${64 * MB}`, `trim_threshold=${256 * MB}`, `mmap_threshold=${256 * MB}`,
  // With a heap for each thread, what one has freed is not there for another.
  "arena_max=1",
].map((setting) => `glibc.malloc.${setting}`).join(":");

/**
 * Starts an inference process; `entry` is the bundled `dist/inference.cjs`.
 *
 * When the process dies, of lack of memory say, all calls under way are rejected with what to do; starting another works.
 */
export async function startInference(entry: string, options: InferenceOptions = {}): Promise<Inference> {
  const { signal } = options;
  if (signal?.aborted === true) throw cancelled();
  const { process: child, stream, lastWords } = startChild(entry, {
    arguments: options.background === true ? [BACKGROUND] : [],
    pipes: 2,
    env: { GLIBC_TUNABLES: allocator, ...process.env, ...options.env },
  });
  const bytes = byteStream(stream(BYTES.fromInference) as Readable | undefined, stream(BYTES.toInference) as Writable | undefined);
  const calls = new Map<number, Call>();
  let lastCall = 0;
  let end: Failure | undefined;
  const ended = new Promise<void>((resolve) => {
    const finish = (failure: Failure): void => {
      end ??= failure;
      signal?.removeEventListener("abort", kill);
      for (const call of calls.values()) call.reject(end);
      calls.clear();
      resolve();
    };
    // "close" comes after "exit", when the error output has been read to its end.
    child.once("close", (code, reason) => { finish(deathOf(code, reason, lastWords())); });
    child.once("error", (cause) => {
      finish(new Failure("inference", `the inference process did not start: ${cause.message}`, { cause }));
    });
  });
  const kill = (): void => {
    end ??= cancelled();
    child.kill("SIGKILL");
  };
  signal?.addEventListener("abort", kill, { once: true });

  /** Which provider runs a session. */
  const providers = new Map<number, Provider>();
  const failureOf = (request: Request, said: string): Failure => {
    if (request.kind === "load") return providerFailure(request.options.provider, "loading", said);
    const provider = "session" in request ? providers.get(request.session) : undefined;
    return provider === undefined ? new Failure("inference", said) : providerFailure(provider, "running", said);
  };

  function call<K extends Request["kind"]>(request: Request & { kind: K }, pixels?: Uint8Array, into?: Float32Array<ArrayBuffer>): Promise<Answers[K]> {
    return new Promise((resolve, reject: (failure: Failure) => void) => {
      if (end !== undefined) {
        reject(end);
        return;
      }
      const id = ++lastCall;
      calls.set(id, { resolve, reject, failure: (said) => failureOf(request, said), into });
      // A failed send means the process is ending: its "close" tells why.
      child.send({ ...request, id }, () => undefined);
      if (pixels !== undefined) bytes.send(pixels);
    });
  }

  const answer = async (reply: Exclude<Reply, { readonly kind: "ready" | "unusable" }>): Promise<void> => {
    const waiting = calls.get(reply.id);
    // Until its values are there a call is under way, and told where the process dies.
    const answered = reply.kind === "done" ? reply.answer : reply.kind === "planes" ? await planesOf(reply, bytes, waiting?.into) : undefined;
    calls.delete(reply.id);
    if (reply.kind === "failed") waiting?.reject(waiting.failure(reply.reason));
    else waiting?.resolve(answered as never);
  };

  let before: Promise<void> = Promise.resolve();
  await new Promise<void>((resolve, reject: (failure: Failure) => void) => {
    child.on("message", (message) => {
      const reply = message as Reply;
      if (reply.kind === "ready") resolve();
      else if (reply.kind === "unusable") {
        end ??= new Failure("inference", `onnxruntime could not be loaded: ${firstLine(reply.reason)}.`, {
          advice: `It has builds for Linux and Windows (x64, arm64) and macOS (arm64); this is ${process.platform} ${process.arch}.`,
        });
        child.kill("SIGKILL");
      } else before = before.then(() => answer(reply));
    });
    void ended.then(() => { reject(end!); });
  });

  return {
    pid: child.pid!,
    load: async (model, sessionOptions) => {
      const session = await call({ kind: "load", model, options: sessionOptions });
      providers.set(session.id, sessionOptions.provider);
      return session;
    },
    run: (session, feeds, outputs) =>
      call(outputs === undefined ? { kind: "run", session: session.id, feeds } : { kind: "run", session: session.id, feeds, outputs }),
    classify: (session, { pixels, ...windows }, into) => call({ kind: "classify", session: session.id, ...windows, pixels: pixels.length }, pixels, into),
    dispose: async (session) => {
      await call({ kind: "dispose", session: session.id });
      providers.delete(session.id);
    },
    status: () => call({ kind: "status" }),
    lastWords,
    close: () => {
      kill();
      return ended;
    },
  };
}

async function planesOf({ planes, values: length }: Extract<Reply, { readonly kind: "planes" }>, bytes: ByteStream, into: Call["into"]): Promise<Planes> {
  const values = into?.length === length ? into : new Float32Array(length);
  await bytes.fill(new Uint8Array(values.buffer));
  return { ...planes, values };
}

function cancelled(): Failure {
  return new Failure("cancelled", "cancelled");
}

/** Why the process ended, from what the system says; SIGKILL that nobody here sent is nearly always the system short of memory. */
function deathOf(code: number | null, signal: NodeJS.Signals | null, lastWords: string): Failure {
  const details = lastWords === "" ? {} : { cause: new Error(lastWords) };
  if (signal === "SIGKILL") {
    return new Failure("inference", "the inference process was killed (SIGKILL); most often the memory has run out.", {
      ...details,
      advice: "Close other programs or choose smaller tiles, then run again.",
    });
  }
  if (/bad_alloc|out of memory|Failed to allocate|bad allocation/i.test(lastWords)) {
    return new Failure("inference", "the inference process ran out of memory.", {
      ...details,
      advice: "Choose smaller tiles, then run again.",
    });
  }
  const how = signal === null ? `with exit code ${code ?? "?"}` : `with ${signal}`;
  const said = lastWords === "" ? "" : `: ${firstLine(lastWords)}`;
  return new Failure("inference", `the inference process ended ${how}${said}.`, {
    ...details,
    advice: "Run again; if it happens again, choose the execution provider 'cpu'.",
  });
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
