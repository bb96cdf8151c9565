import type { Pair } from "./messages.ts";
import { duration, shortCount } from "../src/text/words.ts";

/** A value of a map: three decimals, which is as much as colours show; large ones with four digits. */
export function value(number: number): string {
  if (!Number.isFinite(number)) return "–";
  return signed(Math.abs(number) < 10 ? number.toFixed(3).replace("-0.000", "0.000") : String(Number(number.toPrecision(4))));
}

/** A difference, which may be tiny and is then what matters: `0.412`, `3.1e−6`. */
export function difference(number: number): string {
  return number !== 0 && Math.abs(number) < 0.0005 ? signed(number.toExponential(1)) : value(number);
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
