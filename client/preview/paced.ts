import type * as vscode from "vscode";
import { contentOf } from "../../src/preview/parcel.ts";
import type { FromEngine } from "../../src/preview/protocol.ts";
import { waitAtMost } from "../../src/text/patience.ts";

/** The longest time to wait for a webview to take a message: it takes all, but a machine that is very busy may need seconds for one. */
const PATIENCE = 30_000;

/** Bytes of pixels and values that may be on their way: a few messages, so that one is sent while another arrives. */
const WINDOW = 1 << 21;

/** What says nothing of the pixels sent before it, and does not wait for them: that a run was cancelled, say. */
const overtaking: ReadonlySet<FromEngine["type"]> = new Set(["state", "notice", "probed", "command"]);

/**
 * Sends messages to a webview in their order, but for those that overtake; large ones only as fast as they arrive; `arrived` hears of each that has.
 * The rows of a picture come after all else, and take turns with the tiles of the exact map.
 *
 * VS Code joins everything that waits to be sent into one buffer; a whole picture in it would stop the extension host for a second.
 */
export function pacedPost(webview: vscode.Webview, arrived: (message: FromEngine) => void): (message: FromEngine) => void {
  const waiting: FromEngine[] = [];
  let rows: FromEngine[] = [];
  let isRowsTurn = false;
  let isPictureWaiting = false;
  let underWay = 0;
  const send = (message: FromEngine): void => {
    const size = sizeOf(message);
    underWay += size;
    // A panel that has been closed takes no more: whatever becomes of it, the next is sent.
    void waitAtMost(PATIENCE, webview.postMessage(message)).then(() => {
      underWay -= size;
      arrived(message);
      sendMore();
    });
  };
  const sendMore = (): void => {
    while (underWay < WINDOW) {
      const message = next();
      if (message === undefined) return;
      send(message);
    }
  };
  const next = (): FromEngine | undefined => {
    // The picture of the rows may itself be waiting.
    const turn = isRowsTurn && !isPictureWaiting ? rows.shift() : undefined;
    const message = turn ?? waiting.shift() ?? rows.shift();
    isRowsTurn = message?.type === "tile" && message.kind === "exact";
    if (message?.type === "image") isPictureWaiting = false;
    return message;
  };
  return (message) => {
    if (overtaking.has(message.type)) {
      send(message);
      return;
    }
    if (message.type === "imageBand") rows.push(message);
    else waiting.push(message);
    if (message.type === "image") {
      // Rows that wait are of the picture before.
      rows = [];
      isPictureWaiting = true;
    }
    sendMore();
  };
}

function sizeOf(message: FromEngine): number {
  return contentOf(message)?.byteLength ?? 0;
}
