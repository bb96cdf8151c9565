import { fork, type ChildProcess } from "node:child_process";

/** A program of ours that runs beside this one. */
export interface Child {
  readonly process: ChildProcess;
  /** One of its streams beyond those that every process has; undefined where it could not be started, for want of descriptors say: its "error" tells. */
  readonly stream: (descriptor: number) => unknown;
  /** The last 4,000 characters that it wrote to its error output. */
  readonly lastWords: () => string;
}

export interface ChildOptions {
  readonly arguments?: readonly string[];
  /** How many pipes it is given, from descriptor 4 on. */
  readonly pipes: number;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Starts a bundled program, with a channel for messages. It is in the session of who starts it ("detached" is not set), where the system weighs its threads against
 * those of the editor one by one: Linux shares the processors out between sessions first, and may leave one of them out for 50 ms.
 */
export function startChild(entry: string, options: ChildOptions): Child {
  const child = fork(entry, options.arguments ?? [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc", ...Array.from({ length: options.pipes }, () => "pipe" as const)],
    // Flags of the parent (a debugger's port, a test runner's loader) are not for the child.
    execArgv: [],
    // In VS Code the running program is Electron, which must be told to be Node.
    env: { ...(options.env ?? process.env), ELECTRON_RUN_AS_NODE: "1" },
  });
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => { words = (words + text).slice(-4000); });
  return { process: child, stream: (descriptor) => (child.stdio as readonly unknown[] | undefined)?.[descriptor], lastWords: () => words.trim() };
}
