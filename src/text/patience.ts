/** Settled with the promise, or after some milliseconds at the latest; never rejected. */
export async function waitAtMost(milliseconds: number, promise: PromiseLike<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, milliseconds).unref(); });
  await Promise.race([promise, late]).catch(() => undefined);
  clearTimeout(timer);
}
