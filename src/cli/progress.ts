import { duration, printable } from "../text/words.ts";

/** A line on standard error that says how far a long task is: percentage, rate and time left. Silent where standard error is no terminal. */
export interface Progress {
  /** `detail` says the amount in the task's own terms: `1.1 of 4.0 Mpx`. */
  update(done: number, total: number, detail?: string): void;
  finish(): void;
}

/** Milliseconds between two updates of the line. */
const INTERVAL = 100;

/** A progress line with a title; nothing is shown for tasks that take less than half a second. */
export function progressLine(task: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  const title = printable(task);
  const start = performance.now();
  let last = start + 400;
  let shown = false;
  return {
    update(done, total, detail) {
      const now = performance.now();
      if (!stream.isTTY || now - last < INTERVAL || total <= 0) return;
      last = now;
      shown = true;
      const share = done / total;
      const left = share > 0 ? `${duration(((now - start) / 1000) * ((1 - share) / share))} left` : "";
      stream.write(
        `\r\x1b[K${title}: ${Math.floor(share * 100)} %${detail === undefined ? "" : ` · ${detail}`}${left === "" ? "" : ` · ${left}`}`,
      );
    },
    finish() {
      if (shown) stream.write("\r\x1b[K");
    },
  };
}
