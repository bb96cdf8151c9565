import type * as vscode from "vscode";
import type { FromEngine } from "../../src/preview/protocol.ts";

/** The longest time to wait for a webview that does not take a message: it is still loading, or gone. */
const PATIENCE = 1000;

/**
 * Sends messages to a webview in their order, the next after a large one only when that has arrived.
 *
 * VS Code joins everything that waits to be sent into one buffer; a whole picture in it would stop the extension host for a second.
 */
export function pacedPost(webview: vscode.Webview): (message: FromEngine) => void {
  let before: Promise<unknown> = Promise.resolve();
  return (message) => {
    before = before.then(async () => {
      const sent = webview.postMessage(message);
      if (message.type !== "tile" && message.type !== "imageBand") return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => { timer = setTimeout(resolve, PATIENCE); });
      await Promise.race([sent, late]).finally(() => { clearTimeout(timer); });
    }).catch(() => undefined); // A panel that has been closed takes no more.
  };
}
