import type { LayerInput, Refusal } from "./definition.ts";
import { canonicalAxis, isKnown, shapeText, volume, type Shape } from "./shape.ts";
import { counted } from "../text/words.ts";

/** The text of glog's `CHECK_xx(a, b) << message`: `Check failed: channels_ % group_ == 0 (1 vs. 0)`. Numbers as C++ streams print them. */
export function checkFailed(expression: string, a: number, b: number, message = ""): string {
  return `Check failed: ${expression} (${streamed(a)} vs. ${streamed(b)})${message === "" ? "" : ` ${message}`}`;
}

/** What Caffe says where it asks a blob without values for its data. Source: `blob.cpp`. */
export const noData = "Check failed: data_";

/** What happens where Caffe divides by zero: the process dies without a message. */
export const divisionByZero = "Floating point exception (SIGFPE, no message): integer division by zero";

/** A shape as Caffe prints it: `2 3 8 8 (384)`. Source: `Blob::shape_string`. */
export function shapeString(shape: Shape): string {
  return `${shape.map((dimension) => `${streamed(dimension)} `).join("")}(${streamed(volume(shape))})`;
}

/** An axis of a bottom counted from the front, or Caffe's refusal where it lies outside. Source: `Blob::CanonicalAxisIndex`. */
export function axisOf(layer: LayerInput, axis: number, shape: Shape, at: string | undefined, what = "works on"): number | Refusal {
  const canonical = canonicalAxis(axis, shape.length);
  if (canonical !== undefined) return canonical;
  return {
    refused: `${layer.name} ${what} axis ${axis}, but its input (${shapeText(shape)}) has ${counted(shape.length, "axis", "axes")}. ${axisAdvice(shape)}`,
    ...(at !== undefined && { at }),
    caffe: axisFailed(axis, shape),
  };
}

/** Caffe's text for an axis outside a blob. Source: `blob.hpp`. */
export function axisFailed(axis: number, shape: Shape): string {
  const rank = shape.length;
  const message = `axis ${axis} out of range for ${rank}-D Blob with shape ${shapeString(shape)}`;
  return axis < -rank
    ? checkFailed("axis_index >= -num_axes()", axis, -rank, message)
    : checkFailed("axis_index < num_axes()", axis, rank, message);
}

/** Caffe's text for a blob of more than four axes where `num`, `channels`, `height` or `width` is asked. Source: `Blob::LegacyShape`. */
export function legacyFailed(rank: number): string {
  return checkFailed("num_axes() <= 4", rank, 4, "Cannot use legacy accessors on Blobs with > 4 axes.");
}

/** `num`, `channels`, `height` and `width` of a blob of at most four axes: missing axes are 1. Source: `Blob::LegacyShape`. */
export function legacyShape(shape: Shape): readonly [number, number, number, number] {
  return [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1];
}

/** A number as `std::ostream` writes it: six significant digits, `1e-05`, `inf`, `nan`; `?` for an unknown dimension. */
export function streamed(x: number): string {
  if (!isKnown(x)) return "?";
  if (Number.isInteger(x)) return String(x);
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  const [digits, exponent] = x.toExponential(5).split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(x.toPrecision(6)));
  return `${Number(digits)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function axisAdvice(shape: Shape): string {
  return shape.length === 0 ? "Give it a blob with axes." : `Axes run from 0 to ${shape.length - 1}, or from -${shape.length} counted from the end.`;
}
