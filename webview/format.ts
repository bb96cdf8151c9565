import type { Pair } from "./messages.ts";
import { duration, shortCount } from "../src/text/words.ts";

/** A value with as many digits as say something: probabilities with three, others with three significant ones. */
export function value(number: number): string {
  if (!Number.isFinite(number)) return "–";
  const size = Math.abs(number);
  if (size !== 0 && size < 0.0005) return signed(number.toExponential(1));
  return signed(size < 10 ? number.toFixed(3) : String(Number(number.toPrecision(4))));
}

/** A part as a percentage: `12.3 %`, and never `0 %` or `100 %` for what is not all or nothing. */
export function percent(part: number, digits = 1): string {
  if (!Number.isFinite(part)) return "–";
  const shown = (part * 100).toFixed(digits);
  const least = 10 ** -digits;
  if (Number(shown) === 0 && part > 0) return `< ${least} %`;
  if (Number(shown) === 100 && part < 1) return `> ${(100 - least).toFixed(digits)} %`;
  return `${shown} %`;
}

/** A patch or a stride: one number where it is square. */
export function square([rows, columns]: Pair): string {
  return rows === columns ? String(rows) : `${rows} x ${columns}`;
}

/** Pixels per second: `1.1 Mpx/s`. */
export function rate(pixelsPerSecond: number): string {
  return shortCount(Math.round(pixelsPerSecond)).replace(/ ?([kMG]?)$/, " $1px/s");
}

/** Time to go, in whole seconds: it is an estimate. */
export function left(seconds: number): string {
  return `${seconds < 120 ? `${Math.max(1, Math.round(seconds))} s` : duration(seconds)} left`;
}

/** `-` as the sign that is as wide as a plus. */
function signed(text: string): string {
  return text.replace(/^-/, "−").replace("e-", "e−").replace("e+", "e");
}
