import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** How long the extension host stood still, in milliseconds. */
export interface Stalls {
  readonly longest: number;
  readonly percentile99: number;
  /**
   * Of the longest: the time its thread ran, and the time it was ready and another program had the processor. What is left of it the thread
   * was asleep. Absent where the system does not say (only Linux does).
   */
  readonly longestRan?: number;
  readonly longestWaited?: number;
  /** The longest time the thread ran without a pause. */
  readonly longestOwn?: number;
}

/** Follows the event loop of this thread until the call of what it gives. */
export function followStalls(): () => Stalls {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let before = { at: performance.now(), ...threadTimes() };
  let longest = { took: 0, ran: 0, waited: 0 };
  let own = 0;
  const timer = setInterval(() => {
    const now = { at: performance.now(), ...threadTimes() };
    const turn = { took: now.at - before.at, ran: now.ran - before.ran, waited: now.waited - before.waited };
    if (turn.took > longest.took) longest = turn;
    own = Math.max(own, turn.ran);
    before = now;
  }, 5);
  return () => {
    delay.disable();
    clearInterval(timer);
    return {
      longest: delay.max / 1e6,
      percentile99: delay.percentile(99) / 1e6,
      ...(!Number.isNaN(own) && { longestRan: longest.ran, longestWaited: longest.waited, longestOwn: own }),
    };
  };
}

/** In words, for the report of a test. */
export function stallText({ longest, percentile99, longestRan, longestWaited, longestOwn }: Stalls): string {
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const parts = longestRan === undefined ? "" : ` (ran ${ms(longestRan)}, waited for a processor ${ms(longestWaited!)})`;
  return `${ms(longest)}${parts}, 99 % below ${ms(percentile99)}${longestOwn === undefined ? "" : `, most work at a stretch ${ms(longestOwn)}`}`;
}

/** Milliseconds for which the main thread of this process ran, and for which it waited for a processor; NaN where the system does not say. */
function threadTimes(): { readonly ran: number; readonly waited: number } {
  try {
    const [ran = NaN, waited = NaN] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ").map((text) => Number(text) / 1e6);
    return { ran, waited };
  } catch {
    return { ran: NaN, waited: NaN };
  }
}
