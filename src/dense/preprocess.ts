/** The order of a net's input channels. */
export type ChannelOrder = "bgr" | "rgb" | "gray";

/** How pixels become the input of a net: (value - mean) * scale, channel by channel (Caffe, data_transformer.cpp). */
export interface Preprocessing {
  readonly channels: ChannelOrder;
  /** Per channel in the net's order, or one for all; on the scale of the pixels, 0..255. */
  readonly mean: readonly number[];
  readonly scale: number;
}

/** How many channels the input of the net has. */
export function channelCount({ channels }: Preprocessing): number {
  return channels === "gray" ? 1 : 3;
}

/**
 * The 256 input values of each channel in the net's order, in single precision as Caffe computes them.
 *
 * A table look-up per pixel is as fast as the arithmetic, and exact to the last bit.
 */
export function pixelTables(preprocessing: Preprocessing): Float32Array[] {
  const { mean, scale } = preprocessing;
  return Array.from({ length: channelCount(preprocessing) }, (_, channel) => {
    const subtracted = Math.fround(mean.length === 1 ? mean[0]! : mean[channel] ?? 0);
    const factor = Math.fround(scale);
    return Float32Array.from({ length: 256 }, (_, value) => Math.fround(value - subtracted) * factor);
  });
}

/**
 * For each channel of the net, which sample of an interleaved pixel feeds it.
 *
 * Undefined where the net wants grey and the image has colours: that is a weighting, not a choice ({@link luminance}).
 */
export function sourceChannels(order: ChannelOrder, imageChannels: number): readonly number[] | undefined {
  if (imageChannels < 3) return order === "gray" ? [0] : [0, 0, 0];
  if (order === "gray") return undefined;
  return order === "bgr" ? [2, 1, 0] : [0, 1, 2];
}

/** The grey value of a colour, 0..255, by OpenCV's fixed-point weights 0.299, 0.587, 0.114: what Caffe reads with is_color off. */
export function luminance(red: number, green: number, blue: number): number {
  return (red * 4899 + green * 9617 + blue * 1868 + 8192) >> 14;
}
