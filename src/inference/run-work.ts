import { readWindow, type ImageSource } from "../dense/fill.ts";
import type { Extent } from "../dense/geometry.ts";
import type { Pass, Plan } from "../dense/plan.ts";
import type { Preprocessing } from "../dense/preprocess.ts";
import { placeOutputs } from "../dense/stitch.ts";
import { abortable, stopIfAborted } from "./abort.ts";
import type { Inference } from "./client.ts";
import type { Planes, Session } from "./messages.ts";
import { planeSize } from "./net-shape.ts";

/** A net loaded and ready, with the image it is to look at. */
export interface NetOnImage {
  readonly inference: Inference;
  /** A net with one image input, N x C x H x W. */
  readonly session: Session;
  readonly image: ImageSource;
  readonly preprocessing: Preprocessing;
  /** Which channels of the output are wanted. */
  readonly classIndex: number | "all";
  /** Which output; left out, the first. */
  readonly output?: string;
  /** Values are lent: what was taken is filled again. Absent: they are the taker's to keep. */
  readonly lends?: boolean;
  readonly signal?: AbortSignal;
}

/** What is to be filled: a rectangle of samples, by some runs of the net. */
export interface Work {
  readonly samples: Extent;
  readonly passes: readonly Pass[];
}

/** What a net takes and gives, and how its runs interleave. */
export type RunLayout = Pick<Plan, "input" | "batch" | "outputs" | "step">;

/**
 * Does work one after the other, and hands over the samples of every wanted class, row after row, as soon as they are complete; the next but one waits for the
 * promise. Gives the time spent in the net itself, in seconds.
 *
 * Work is asked for when there is room for it, one run ahead of the one under way, so it can follow what the user looks at. Pixels are read and samples handed
 * over while the net runs; at most two runs are held. `onRun` is called after every run. A net or class that does not fit is a Failure, as is an inference process
 * that dies, and a signal that fires.
 */
export async function runWork<W extends Work>(
  net: NetOnImage, layout: RunLayout, works: Iterable<W>, take: (work: W, classes: Float32Array[]) => void | Promise<void>, onRun: () => void = () => undefined,
): Promise<number> {
  const { signal } = net;
  let seconds = 0;
  /** Arrays that were lent and have come back. */
  const spare: Float32Array<ArrayBuffer>[] = [];
  let before: Promise<void> = Promise.resolve();
  for (const work of works) {
    const classes: Float32Array[] = [];
    let left = work.passes.length;
    for (const pass of work.passes) {
      stopIfAborted(signal);
      const running = runPass(net, layout, pass, await readPass(net.image, layout.input, pass), spare.pop());
      const previous = before;
      before = (async () => {
        await previous;
        const planes = await running;
        stopIfAborted(signal);
        seconds += planes.seconds;
        place(net, layout, work.samples, pass, planes, classes);
        onRun();
        if (--left === 0) await take(work, classes);
        if (net.lends === true) spare.push(planes.values);
      })();
      // It is awaited one turn later; until then a rejection must not count as unheard.
      running.catch(() => undefined);
      before.catch(() => undefined);
      await abortable(previous, signal);
    }
  }
  await abortable(before, signal);
  return seconds;
}

async function readPass(image: ImageSource, { height, width }: Extent, pass: Pass): Promise<Uint8Array> {
  const [first] = pass;
  if (pass.length === 1) return readWindow(image, { ...first!.source, height, width });
  const each = height * width * image.channels;
  const pixels = new Uint8Array(pass.length * each);
  for (const [member, { source }] of pass.entries()) pixels.set(await readWindow(image, { ...source, height, width }), member * each);
  return pixels;
}

function runPass(
  { inference, session, image, preprocessing, classIndex, output }: NetOnImage, { input: { height, width }, batch }: RunLayout, pass: Pass, pixels: Uint8Array, into?: Float32Array<ArrayBuffer>,
): Promise<Planes> {
  const windows = { pixels, channels: image.channels, count: pass.length, height, width, batch, preprocessing, classIndex, ...(output !== undefined && { output }) };
  return inference.classify(session, windows, into);
}

function place({ classIndex }: NetOnImage, { outputs, step }: RunLayout, samples: Extent, pass: Pass, planes: Planes, classes: Float32Array[]): void {
  const size = planeSize(planes, pass.length, classIndex === "all" ? 0 : classIndex, outputs);
  const count = classIndex === "all" ? planes.shape[1]! : 1;
  if (size.height === samples.height && size.width === samples.width && step.height === 1 && step.width === 1 && pass.length === 1) {
    // A tile in one run: its samples are what the net gave.
    const plane = size.height * size.width;
    for (let index = 0; index < count; index++) classes[index] = planes.values.subarray(index * plane, (index + 1) * plane);
    return;
  }
  for (let index = 0; index < count; index++) {
    const values = (classes[index] ??= new Float32Array(samples.height * samples.width));
    for (const [member, { target }] of pass.entries()) {
      placeOutputs(values, samples, { ...size, data: planes.values, offset: (member * count + index) * size.height * size.width }, target, step);
    }
  }
}
