import type { Shell } from "../commands.ts";

/** Shows what the extension and its server have logged. */
export function showLog({ log }: Shell): Promise<void> {
  log.show();
  return Promise.resolve();
}
