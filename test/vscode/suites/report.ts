import { connect } from "node:net";

/** How many tests there were. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What the suites send, as a line of JSON each: lines to print, and the counts when all are done. */
export type Report = { readonly line: string } | { readonly counts: Counts };

/** Who started the suites listens here, where VS Code's own console is out of reach. */
const address = process.env["NETSURGEON_REPORT"];
const socket = address === undefined ? undefined : connect(address);
// Nobody listens any more.
socket?.on("error", (error) => { console.error(error); });

const send = (report: Report): void => { socket?.write(`${JSON.stringify(report)}\n`); };

/** Prints a line. */
export function say(line: string): void {
  if (socket === undefined) console.log(line);
  else send({ line });
}

export function end(counts: Counts): void {
  send({ counts });
  socket?.end();
}
