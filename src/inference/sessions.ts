import type { OnnxModel } from "../onnx/model.ts";
import type { Inference } from "./client.ts";
import { loadModel } from "./load-model.ts";
import type { Provider, Session } from "./messages.ts";

/** Models that stay loaded in an inference process, because they may be wanted again. */
export interface Sessions {
  /** The model loaded under this key before, or the one that `build` gives; where too many are loaded, the one not used for longest is freed first. */
  session(key: string, provider: Provider, build: () => OnnxModel | Promise<OnnxModel>): Promise<Session>;
}

/** Keeps at most so many models loaded. */
export function keepSessions(inference: Inference, most: number): Sessions {
  const sessions = new Map<string, Promise<Session>>();
  const make = async (build: () => OnnxModel | Promise<OnnxModel>, provider: Provider, old: Promise<Session> | undefined): Promise<Session> => {
    // What runs on it ends first: requests are answered in their order.
    if (old !== undefined) await old.then((session) => inference.dispose(session)).catch(() => undefined);
    return loadModel(inference, await build(), { provider });
  };
  return {
    session(key, provider, build) {
      const name = `${provider} ${key}`;
      const known = sessions.get(name);
      sessions.delete(name);
      const [oldest] = sessions.size >= most ? sessions : [];
      if (known === undefined && oldest !== undefined) sessions.delete(oldest[0]);
      const session = known ?? make(build, provider, oldest?.[1]);
      // Used last comes last.
      sessions.set(name, session);
      session.catch(() => { if (sessions.get(name) === session) sessions.delete(name); });
      return session;
    },
  };
}
