/** How far something is, how fast it goes, and how long it will go on. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly pixelsPerSecond: number;
  /** Absent until enough is done to tell. */
  readonly secondsLeft?: number;
}

/** The time within which the rate is measured, in seconds: long enough to be steady, short enough to follow a machine that gets busy. */
const span = 5;

/** Follows a count of pixels; `now` gives seconds. Call the result with the pixels done so far. */
export function followProgress(total: number, now: () => number): (done: number) => Progress {
  const start = now();
  let marks: { readonly at: number; readonly done: number }[] = [{ at: start, done: 0 }];
  return (done) => {
    const at = now();
    marks.push({ at, done });
    // One mark before the span stays, to measure from.
    const first = marks.findLastIndex((mark) => mark.at <= at - span);
    if (first > 0) marks = marks.slice(first);
    const from = marks[0]!;
    const pixelsPerSecond = at > from.at ? (done - from.done) / (at - from.at) : 0;
    return { done, total, pixelsPerSecond, ...(pixelsPerSecond > 0 && { secondsLeft: (total - done) / pixelsPerSecond }) };
  };
}
