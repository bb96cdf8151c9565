/** A shape in words: `32 x 3 x 3 x 3`, `64`; unknown dimensions as `?`, no axes at all as `a scalar`. */
export function shapeWords(shape: readonly number[]): string {
  return shape.length === 0 ? "a scalar" : shape.map((n) => (Number.isFinite(n) ? String(n) : "?")).join(" x ");
}

/** The number of values a shape holds; NaN where a dimension is unknown. */
export function shapeCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The shape without leading ones, which legacy blobs are filled up with to four axes; a lone value keeps its one. */
export function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((n) => n !== 1);
  return first === -1 ? shape.slice(-1) : shape.slice(first);
}

const longest = 80;

/** A name out of a file as it may be shown: control characters replaced, cut after 80 characters. */
export function shownName(name: string): string {
  // eslint-disable-next-line no-control-regex
  const clean = name.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
  return clean.length > longest ? `${clean.slice(0, longest)}...` : clean;
}
