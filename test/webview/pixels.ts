import { decode } from "fast-png";
import type { Viewer } from "./harness.ts";

/** What the user sees: the colour of the CSS pixel that a point of the page lies in. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => readonly [number, number, number];
}

/** The page as it looks now. */
export async function look({ page, frame }: Viewer): Promise<Pixels> {
  await frame();
  const { width, height, data, channels } = decode(await page.screenshot({ type: "png" }));
  return {
    width,
    height,
    at: (x, y) => {
      const from = channels * (Math.floor(y) * width + Math.floor(x));
      return [data[from]!, data[from + 1]!, data[from + 2]!];
    },
  };
}

/** Largest difference of two colours in a channel. */
export function apart(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
