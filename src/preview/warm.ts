import { startInference, type Inference } from "../inference/client.ts";
import type { Provider, Session, Status } from "../inference/messages.ts";
import { keepSessions, type Sessions } from "../inference/sessions.ts";
import type { OnnxModel } from "../onnx/model.ts";

/** An inference process kept running, with models loaded and ready. */
export interface Warm {
  /** Starts the process, if none runs, before it is needed. */
  start(): void;
  /** The process, started where none runs. */
  inference(): Promise<Inference>;
  /** A model in the process: the one loaded under this key before, or the one that `build` gives. */
  session(key: string, provider: Provider, build: () => Promise<OnnxModel>): Promise<{ readonly inference: Inference; readonly session: Session }>;
  /** Ends the process at once, whatever it is doing: what is under way is rejected as cancelled. The next call starts another. */
  kill(): void;
  status(): Promise<Status | undefined>;
  readonly pid: number | undefined;
  close(): Promise<void>;
}

/** Models kept: simple, exact, patches and dropout of the net at hand, and those of the one before. */
const KEPT = 8;

interface Started {
  readonly inference: Inference;
  readonly sessions: Sessions;
}

/** `entry` is the bundled inference process. */
export function keepWarm(entry: string): Warm {
  let current: Promise<Started> | undefined;
  let running: Inference | undefined;

  const start = (): Promise<Started> => {
    if (current !== undefined) return current;
    const started = startInference(entry, { background: true }).then((inference) => ({ inference, sessions: keepSessions(inference, KEPT) }));
    current = started;
    started.then(
      ({ inference }) => {
        if (current === started) running = inference;
        else void inference.close();
      },
      () => { forget(started); },
    );
    return started;
  };
  const forget = (which: Promise<Started> | undefined): void => {
    if (current !== which) return;
    current = undefined;
    running = undefined;
  };
  const end = (): Promise<void> => {
    const ending = current;
    const inference = running;
    forget(ending);
    // One that is still starting closes itself when it is there.
    return inference?.close() ?? Promise.resolve();
  };

  return {
    start: () => void start().catch(() => undefined),
    inference: async () => (await start()).inference,
    async session(key, provider, build) {
      const { inference, sessions } = await start();
      return { inference, session: await sessions.session(key, provider, build) };
    },
    kill: () => void end(),
    status: async () => running?.status().catch(() => undefined),
    get pid() {
      return running?.pid;
    },
    close: end,
  };
}
