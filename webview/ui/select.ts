import { el } from "../dom.ts";
import { whenChanged } from "../panel.ts";

export interface Option {
  readonly value: string;
  readonly text: string;
  readonly disabled?: boolean;
}

/** A drop-down list. `show` sets what it offers and what is chosen, without disturbing it where nothing changed. */
export interface Select {
  readonly element: HTMLSelectElement;
  show(options: readonly Option[], chosen: string): void;
}

export function select(given: { readonly id?: string; readonly label: string; readonly title?: string }, chosen: (value: string) => void): Select {
  let current = "";
  const element = el("select", {
    id: given.id, "aria-label": given.label, title: given.title ?? given.label,
    onchange: () => {
      const { value } = element;
      // What is shown follows the model: a choice that asks for a file first leaves it as it is.
      element.value = current;
      chosen(value);
    },
  });
  const fill = whenChanged((...[, options]: [key: string, options: () => readonly Option[]]) => {
    element.replaceChildren(...options().map(({ value, text, disabled }) => el("option", { value, text, disabled: disabled === true })));
  });
  let options: readonly Option[] = [];
  const offered = (): readonly Option[] => options;
  return {
    element,
    show(now, value) {
      options = now;
      fill(JSON.stringify(now), offered);
      current = value;
      if (element.value !== value) element.value = value;
    },
  };
}

/** Options for files, the chosen one among them even where it was not found beside the net, and one that asks for another. */
export function fileOptions(files: readonly { readonly path: string; readonly name: string }[], chosen: string | undefined, none: string): Option[] {
  const known = chosen === undefined || files.some(({ path }) => path === chosen);
  return [
    ...(chosen === undefined ? [{ value: "", text: none }] : []),
    ...(known ? [] : [{ value: chosen, text: chosen.split(/[\\/]/).at(-1)! }]),
    ...files.map(({ path, name }) => ({ value: path, text: name })),
    { value: choose, text: "Choose a file…" },
  ];
}

/** The value of the option that asks for a file. */
export const choose = "\u0000choose";
