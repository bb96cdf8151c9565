import type { Model } from "./model.ts";
import type { Happening } from "./reduce.ts";
import { reduce } from "./reduce.ts";

/** Holds the model; everything that happens goes through `tell`. */
export interface Store {
  readonly model: Model;
  tell(event: Happening): void;
  /** Calls `listener` after every change. */
  watch(listener: (model: Model, before: Model) => void): void;
}

export function store(initial: Model): Store {
  let model = initial;
  const listeners: ((model: Model, before: Model) => void)[] = [];
  return {
    get model() {
      return model;
    },
    tell(event) {
      const before = model;
      model = reduce(model, event);
      if (model !== before) for (const listener of listeners) listener(model, before);
    },
    watch(listener) {
      listeners.push(listener);
    },
  };
}
