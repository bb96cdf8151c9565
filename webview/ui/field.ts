import { el } from "../dom.ts";

/** A labelled control of a panel; `hint` stands under it. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  return el("label", { class: "field", title: hint }, el("span", { class: "field-label", text: label }), control);
}

/** A text field for numbers, which tells what was typed once the user is done with it; `undefined` where that makes no sense. */
export interface NumbersField {
  readonly element: HTMLInputElement;
  show(text: string): void;
}

export function numbersField(label: string, width: number, read: (text: string) => boolean): NumbersField {
  let current = "";
  const element = el("input", {
    type: "text", inputmode: "decimal", "aria-label": label, size: width, spellcheck: "false",
    onchange: () => {
      if (read(element.value)) element.removeAttribute("aria-invalid");
      else element.setAttribute("aria-invalid", "true");
    },
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      element.value = current;
      element.removeAttribute("aria-invalid");
      element.blur();
    },
  });
  return {
    element,
    show(text) {
      if (text === current) return;
      current = text;
      if (document.activeElement !== element || element.getAttribute("aria-invalid") === null) element.value = text;
    },
  };
}

/** The numbers in `104, 117 123`, or undefined where there is anything else or another count of them. */
export function numbersIn(text: string, counts: readonly number[]): number[] | undefined {
  const words = text.split(/[\s,;]+/).filter((word) => word !== "");
  const numbers = words.map(Number);
  return counts.includes(numbers.length) && numbers.every(Number.isFinite) ? numbers : undefined;
}
