import { readFileSync } from "node:fs";
import { decode } from "fast-png";

/** The Dice coefficient of a map (8-bit PNG) at probability 0.5 against a mask (PNG, non-zero counts). */
export function demoScore(map, mask) {
  const [a, b] = [map, mask].map((file) => decode(readFileSync(file)));
  let both = 0;
  let sum = 0;
  for (let i = 0; i < a.width * a.height; i++) {
    const inMap = a.data[i * a.channels] >= 127.5;
    const inMask = b.data[i * b.channels] > 0;
    both += inMap && inMask ? 1 : 0;
    sum += Number(inMap) + Number(inMask);
  }
  return (2 * both) / sum;
}
