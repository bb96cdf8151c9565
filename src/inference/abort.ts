import { Failure } from "../text/failure.ts";

/** Throws a Failure "cancelled" where the signal has fired. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Failure("cancelled", "cancelled");
}

/** What the promise gives; as soon as the signal fires, a Failure "cancelled" instead, while the work itself may go on unheard. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  stopIfAborted(signal);
  let stop = (): void => undefined;
  const fired = new Promise<never>((_, reject) => {
    stop = () => { reject(new Failure("cancelled", "cancelled")); };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, fired]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
