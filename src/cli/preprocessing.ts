import { Failure } from "../text/failure.ts";
import { counted } from "../text/words.ts";
import type { ChannelOrder, Preprocessing } from "../dense/preprocess.ts";
import { channelMeans, readBinaryProto } from "../weights/blob-file.ts";

/** How pixels become the net's input, from the options `--channels`, `--mean` and `--scale`. Throws a Failure where they do not fit the net. */
export async function preprocessingOf(
  options: { readonly channels?: ChannelOrder; readonly mean?: string; readonly scale: number },
  channels: number,
): Promise<Preprocessing> {
  const order = options.channels ?? (channels === 1 ? "gray" : "bgr");
  const given = order === "gray" ? 1 : 3;
  if (given !== channels) {
    throw new Failure("bad-request", `the net takes ${counted(channels, "channel")}, --channels ${order} gives ${given}`, {
      advice:
        channels === 1 ? "Choose gray." : channels === 3 ? "Choose bgr or rgb." : "Nets of one or three channels can be run on images.",
    });
  }
  const mean = options.mean === undefined ? [0] : await meanOf(options.mean, channels);
  return { channels: order, mean, scale: options.scale };
}

async function meanOf(text: string, channels: number): Promise<number[]> {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const isList = numbers.every((value) => Number.isFinite(value));
  const mean = isList ? numbers : channelMeans(await readBinaryProto(text), text);
  if (mean.length === channels || (isList && mean.length === 1)) return mean;
  throw new Failure(
    "bad-request",
    `the mean has ${counted(mean.length, "channel")}, the net takes ${channels}`,
    isList ? {} : { file: text },
  );
}
