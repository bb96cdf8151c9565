import { readWindow, type ImageSource } from "../dense/fill.ts";
import type { Extent } from "../dense/geometry.ts";
import type { Pass } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import { placeOutputs } from "../dense/stitch.ts";
import { abortable, stopIfAborted } from "../inference/abort.ts";
import type { Inference } from "../inference/client.ts";
import type { Planes, Session } from "../inference/messages.ts";
import { planeSize } from "../inference/net-shape.ts";

/** A loaded net and the image it looks at. */
export interface JobRequest {
  readonly inference: Inference;
  readonly session: Session;
  readonly output: string;
  /** The net's input for one member of a batch, and how many outputs of it count. */
  readonly input: Extent;
  readonly outputs: Extent;
  readonly batch: number;
  /** Samples from one output to the next. */
  readonly step: Extent;
  readonly image: ImageSource;
  readonly preprocessing: Preprocessing;
  readonly signal: AbortSignal;
}

/** What is to be filled: a rectangle of samples, by some runs of the net. */
export interface Work {
  readonly samples: Extent;
  readonly passes: readonly Pass[];
}

/**
 * Does work as `next` gives it, and hands over the samples of every class as soon as they are complete.
 *
 * `next` is asked when there is room for more, so it can follow what the user looks at; one run waits while another is computed.
 * Rejects with a Failure where the inference process fails or the signal fires.
 */
export async function runJobs<W extends Work>(request: JobRequest, next: () => W | undefined, take: (work: W, classes: Float32Array[]) => void): Promise<void> {
  const { signal } = request;
  let before: Promise<void> = Promise.resolve();
  for (let work = next(); work !== undefined; work = next()) {
    const current = work;
    const classes: Float32Array[] = [];
    let left = current.passes.length;
    for (const pass of current.passes) {
      stopIfAborted(signal);
      const running = runPass(request, pass, await read(request, pass));
      const previous = before;
      before = (async () => {
        await previous;
        const planes = await running;
        stopIfAborted(signal);
        place(request, current, pass, planes, classes);
        if (--left === 0) take(current, classes);
      })();
      // It is awaited one turn later; until then a rejection must not count as unheard.
      running.catch(() => undefined);
      before.catch(() => undefined);
      await abortable(previous, signal);
    }
  }
  await abortable(before, signal);
}

async function read({ image, input }: JobRequest, pass: Pass): Promise<Uint8Array> {
  const [first] = pass;
  if (pass.length === 1) return readWindow(image, { ...first!.source, ...input });
  const each = input.height * input.width * image.channels;
  const pixels = new Uint8Array(pass.length * each);
  for (const [member, { source }] of pass.entries()) pixels.set(await readWindow(image, { ...source, ...input }), member * each);
  return pixels;
}

function runPass({ inference, session, output, input, batch, image, preprocessing }: JobRequest, pass: Pass, pixels: Uint8Array): Promise<Planes> {
  return inference.classify(session, { pixels, channels: image.channels, count: pass.length, ...input, batch, preprocessing, output, classIndex: "all" });
}

function place({ outputs, step }: JobRequest, { samples }: Work, pass: Pass, planes: Planes, classes: Float32Array[]): void {
  const size = planeSize(planes, pass.length, 0, outputs);
  const plane = size.height * size.width;
  const count = planes.shape[1]!;
  for (let index = 0; index < count; index++) {
    const values = (classes[index] ??= new Float32Array(samples.height * samples.width));
    for (const [member, { target }] of pass.entries()) {
      placeOutputs(values, samples, { ...size, data: planes.values, offset: (member * count + index) * plane }, target, step);
    }
  }
}
