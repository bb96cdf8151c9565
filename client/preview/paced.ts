import type * as vscode from "vscode";
import type { FromEngine } from "../../src/preview/protocol.ts";

/** The longest time to wait for a webview to take a message: it takes all, but a machine that is very busy may need seconds for one. */
const PATIENCE = 30_000;

/** Bytes of pixels and values that may be on their way: a few messages, so that one is sent while another arrives. */
const WINDOW = 1 << 21;

/** The longest time that the rows of a picture wait for the first of both maps, in milliseconds: that of a very large one takes longer than its picture should. */
const RUSH = 5000;

/** What says nothing of the pixels sent before it, and does not wait for them: that a run was cancelled, say. */
const overtaking: ReadonlySet<FromEngine["type"]> = new Set(["state", "notice", "probed", "command"]);

/**
 * Sends messages to a webview in their order, but for those that overtake; large ones only as fast as they arrive; `arrived` hears of each that has.
 * The rows of a picture come after all else, as its overview is there already: after the simple map and the first tile of the exact one, with the others of which they take
 * turns.
 *
 * VS Code joins everything that waits to be sent into one buffer; a whole picture in it would stop the extension host for a second.
 */
export function pacedPost(webview: vscode.Webview, arrived: (message: FromEngine) => void): (message: FromEngine) => void {
  const waiting: FromEngine[] = [];
  let rows: FromEngine[] = [];
  let isRowsTurn = false;
  let isPictureWaiting = false;
  let underWay = 0;
  let hasOverview = false;
  let phase: string | undefined;
  let rush: NodeJS.Timeout | undefined;
  const send = (message: FromEngine): void => {
    const size = sizeOf(message);
    underWay += size;
    void inTime(webview.postMessage(message)).then(() => {
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
    const message = turn ?? waiting.shift() ?? (rush === undefined || !hasOverview ? rows.shift() : undefined);
    isRowsTurn = message?.type === "tile" && message.kind === "exact";
    if (message?.type === "image") isPictureWaiting = false;
    return message;
  };
  const settle = (): void => {
    clearTimeout(rush);
    rush = undefined;
    sendMore();
  };
  const follow = (now: string): void => {
    if (now === "simple" && phase !== now) {
      clearTimeout(rush);
      rush = setTimeout(settle, RUSH).unref();
    } else if (now !== "simple" && now !== "exact") settle();
    phase = now;
  };
  return (message) => {
    if (message.type === "state") follow(message.state.phase);
    if (overtaking.has(message.type)) send(message);
    else if (message.type === "imageBand") {
      rows.push(message);
      sendMore();
    } else {
      if (message.type === "image") {
        // Rows that wait are of the picture before.
        rows = [];
        hasOverview = false;
        isPictureWaiting = true;
      }
      if (message.type === "imageOverview") hasOverview = true;
      waiting.push(message);
      if (message.type === "tile" && message.kind === "exact") settle();
      else sendMore();
    }
  };
}

function sizeOf(message: FromEngine): number {
  return message.type === "tile" ? message.values.byteLength : message.type === "imageBand" || message.type === "imageOverview" ? message.pixels.byteLength : 0;
}

/** Settled with the message, or when patience is over; never rejected, because a panel that has been closed takes no more. */
async function inTime(sent: Thenable<boolean>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, PATIENCE); });
  await Promise.race([sent, late]).catch(() => undefined);
  clearTimeout(timer);
}
