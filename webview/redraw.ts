/** The shortest time between frames that only show more of a picture or map, in milliseconds. */
const PACE = 100;

/** The part of the time that such frames may take: drawing, in software above all, takes from the processors that compute the map. */
const SHARE = 0.1;

/** Asks for the next frame. */
export interface Redraw {
  /** Shows what happened in the next frame. */
  readonly now: () => void;
  /** The same, but for what comes all the time: fewer where a frame takes long. */
  readonly soon: () => void;
}

/** Calls `draw` in the frames that are asked for, once for all that happened before each; `waiting` hears whether one is to come, `isDone` says whether the last is drawn. */
export function redrawer(draw: () => void, waiting: (is: boolean) => void, isDone: () => boolean): Redraw {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next = -Infinity;
  const now = (): void => {
    if (frame !== undefined) return;
    clearTimeout(timer);
    timer = undefined;
    waiting(true);
    frame = requestAnimationFrame(() => {
      frame = undefined;
      const start = performance.now();
      waiting(false);
      draw();
      follow(start);
    });
  };
  const follow = (start: number): void => {
    next = start + Math.max(PACE, (performance.now() - start) / SHARE);
    // A task of its own, not a frame: frames come late where drawing is slow.
    if (!isDone()) setTimeout(follow, 8, start);
  };
  const soon = (): void => {
    if (frame !== undefined || timer !== undefined) return;
    const wait = next - performance.now();
    if (wait <= 0 && isDone()) now();
    else {
      waiting(true);
      timer = setTimeout(() => {
        timer = undefined;
        soon();
      }, Math.max(wait, 8));
    }
  };
  return { now, soon };
}
