/** The shortest time between frames that only show more of a picture or map: drawing takes time from computing it. */
const PACE = 100;

/** Asks for the next frame. */
export interface Redraw {
  /** Shows what happened in the next frame. */
  readonly now: () => void;
  /** The same, but for what comes all the time: at most one such frame every {@link PACE} ms. */
  readonly soon: () => void;
}

/** Calls `draw` in the frames that are asked for, once for all that happened before each; `waiting` hears whether one is to come. */
export function redrawer(draw: () => void, waiting: (is: boolean) => void): Redraw {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawn = -Infinity;
  const now = (): void => {
    if (frame !== undefined) return;
    clearTimeout(timer);
    waiting(true);
    frame = requestAnimationFrame(() => {
      frame = timer = undefined;
      drawn = performance.now();
      waiting(false);
      draw();
    });
  };
  const soon = (): void => {
    if (frame !== undefined || timer !== undefined) return;
    const wait = drawn + PACE - performance.now();
    if (wait <= 0) now();
    else {
      waiting(true);
      timer = setTimeout(now, wait);
    }
  };
  return { now, soon };
}
