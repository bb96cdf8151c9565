import type { Store } from "./store.ts";

/** Time each of the two is shown. */
const milliseconds = 700;

/** Flips a blinking view until it is paused; users who asked for less motion flip it themselves. */
export function blinker({ store, calm }: { readonly store: Store; readonly calm: () => boolean }): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  store.watch(({ view, blinking }, before) => {
    const entered = view.view === "blink" && before.view.view !== "blink";
    if (entered && !blinking) store.tell({ type: "blink", blinking: true });
    const runs = view.view === "blink" && store.model.blinking && !calm();
    if (runs && timer === undefined) timer = setInterval(() => { store.tell({ type: "blink", second: !store.model.second }); }, milliseconds);
    if (!runs && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  });
}
