/** What an element is given: attributes by name (left out where undefined or false), `text`, and what happens on events (`onclick` and so on). */
export interface Given {
  readonly [name: string]: string | number | boolean | undefined | ((event: never) => void);
}

/** An element with attributes, listeners and children; strings become text, never markup. */
export function el<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, given: Given = {}, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  give(element, given);
  element.append(...children);
  return element;
}

/** An SVG element; `currentColor` gives it the colour of the text around it. */
export function svg(tag: string, given: Given = {}, ...children: readonly Node[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  give(element, given);
  element.append(...children);
  return element;
}

/** Sets text only where it differs, so that screen readers hear only changes. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute, or takes it away where it is undefined or false. */
export function setAttribute(element: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : String(value));
}

/** Puts children in an element's place of the old ones; where nothing changed (same nodes), nothing is touched. */
export function setChildren(element: Element, children: readonly (Node | string)[]): void {
  element.replaceChildren(...children);
}

/** The context of a canvas; throws where there is none, which no browser of VS Code does. */
export function context2d(canvas: HTMLCanvasElement, settings?: CanvasRenderingContext2DSettings): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", settings);
  if (context === null) throw new Error("no 2D canvas");
  return context;
}

function give(element: Element, given: Given): void {
  for (const [name, value] of Object.entries(given)) {
    if (name === "text") element.textContent = String(value);
    else if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else setAttribute(element, name, value);
  }
}
