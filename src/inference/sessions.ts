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
  const freeOldest = async (): Promise<void> => {
    const [oldest] = sessions;
    if (oldest === undefined) return;
    const [name, session] = oldest;
    sessions.delete(name);
    // What runs on it ends first: requests are answered in their order.
    await session.then((loaded) => inference.dispose(loaded)).catch(() => undefined);
  };
  const load = (name: string, provider: Provider, build: () => OnnxModel | Promise<OnnxModel>): Promise<Session> => {
    const freed = sessions.size >= most ? freeOldest() : Promise.resolve();
    const session = freed.then(build).then((model) => loadModel(inference, model, { provider }));
    session.catch(() => { if (sessions.get(name) === session) sessions.delete(name); });
    return session;
  };
  return {
    session(key, provider, build) {
      const name = `${provider} ${key}`;
      const session = sessions.get(name) ?? load(name, provider, build);
      // Used last comes last.
      sessions.delete(name);
      sessions.set(name, session);
      return session;
    },
  };
}
