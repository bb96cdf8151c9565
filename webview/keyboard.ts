import { actions } from "./actions.ts";
import type { Panel } from "./panel.ts";

/** Keys anywhere in the panel do their actions, except where a control needs them itself (letters in a text field, arrows on a slider). */
export function listenToKeys(panel: Panel, target: EventTarget): void {
  target.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && closeOpen(panel)) return;
    const key = event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (neededBy(event.target, event.key)) return;
    const found = actions.find(({ keys }) => keys.includes(key));
    if (found === undefined || found.enabled?.(panel.store.model) === false) return;
    event.preventDefault();
    found.run(panel, key);
  });
}

/** Escape closes what is open before it cancels a run. */
function closeOpen({ store }: Panel): boolean {
  const { help, view } = store.model;
  if (help) store.tell({ type: "help", shown: false });
  else if (view.panel !== undefined) store.tell({ type: "panel", panel: undefined });
  else return false;
  return true;
}

function neededBy(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLSelectElement) return key !== "Escape";
  if (target instanceof HTMLInputElement && target.type !== "range" && target.type !== "checkbox") return key !== "Escape";
  const moves = key.startsWith("Arrow") || key === "Home" || key === "End" || key.startsWith("Page");
  if (target instanceof HTMLInputElement && target.type === "range") return moves;
  if (target instanceof Element && target.closest("[role=separator], [role=menu]") !== null) return moves || key === " " || key === "Enter";
  return key === " " && target instanceof Element && target.closest("button, input, summary, a") !== null;
}
