import { svg } from "./dom.ts";

/** The panel's own icons: strokes on a grid of 16, in the colour of the text around them. */
const paths = {
  single: "M2.5 3.5h11v9h-11z",
  sideBySide: "M2.5 3.5h11v9h-11z M8 3.5v9",
  swipe: "M2.5 3.5h11v9h-11z M8 1.5v13 M5.5 6.5L4 8l1.5 1.5 M10.5 6.5L12 8l-1.5 1.5",
  blink: "M1.5 8s2.5-4 6.5-4 6.5 4 6.5 4-2.5 4-6.5 4-6.5-4-6.5-4z M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 1 0 0-3.6",
  difference: "M3 5.5h5 M5.5 3v5 M8 13L13 3 M9.5 11.5h4",
  run: "M4.5 2.8v10.4l8.5-5.2z",
  cancel: "M4 4h8v8h-8z",
  verify: "M2.5 8.5l3.5 3.5 7.5-8",
  export: "M8 10V2.5 M5 5.2l3-3 3 3 M3 9.5v4h10v-4",
  copy: "M5.5 5.5h8v8h-8z M3.5 10.5h-1v-8h8v1",
  fit: "M2.5 6v-3.5H6 M10 2.5h3.5V6 M13.5 10v3.5H10 M6 13.5H2.5V10",
  zoomIn: "M8 3v10 M3 8h10",
  zoomOut: "M3 8h10",
  contour: "M2.5 9c0-4 3-6 6-6s5 2.5 5 5-2 5-5 5c-2 0-2.5-1.5-3.5-2s-2.5 0-2.5-2z",
  above: "M2.5 13.5h11 M2.5 8.5h11 M5 6V3 M8 6V2 M11 6V4",
  overlay: "M8 2l6 3.2-6 3.2-6-3.2z M2 8.5l6 3.2 6-3.2 M2 11.3l6 3.2 6-3.2",
  preprocessing: "M2.5 4.5h6 M11.5 4.5h2 M10 3v3 M2.5 11.5h2 M7.5 11.5h6 M6 10v3",
  settings: "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 1 0 0-5 M8 1.5v2 M8 12.5v2 M1.5 8h2 M12.5 8h2 M3.4 3.4l1.4 1.4 M11.2 11.2l1.4 1.4 M3.4 12.6l1.4-1.4 M11.2 4.8l1.4-1.4",
  help: "M8 1.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 1 0 0-12.4 M6 6.2c0-2.8 4.2-2.6 4.2 0 0 1.6-2.2 1.6-2.2 3.1 M8 11.3v.6",
  close: "M4 4l8 8 M12 4l-8 8",
  down: "M4 6l4 4 4-4",
  pin: "M8 9.5V14 M5 9.5h6L10 7V2.5H6V7z",
  information: "M8 1.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 1 0 0-12.4 M8 7.2v4 M8 4.6v.7",
  warning: "M8 2l6.5 11.5h-13z M8 6.2v3.6 M8 11.3v.6",
  error: "M8 1.8a6.2 6.2 0 1 0 0 12.4 6.2 6.2 0 1 0 0-12.4 M5.7 5.7l4.6 4.6 M10.3 5.7l-4.6 4.6",
  drop: "M8 2v8 M4.8 7L8 10.2 11.2 7 M2.5 11.5v2h11v-2",
  picture: "M2.5 3.5h11v9h-11z M3 11l3-3.5 2.5 2.5 1.7-1.6L13 11 M10.3 5.6a.7.7 0 1 0 0 1.4.7.7 0 1 0 0-1.4",
  weights: "M3 5.2L8 2.5l5 2.7v5.6l-5 2.7-5-2.7z M3 5.2L8 8l5-2.8 M8 8v5.5",
  minimap: "M2.5 3.5h11v9h-11z M7.5 7.5h4v3h-4z",
} as const;

export type IconName = keyof typeof paths;

/** An icon, hidden from screen readers: what it stands for is said by its button. */
export function icon(name: IconName): SVGElement {
  const filled = name === "run" || name === "cancel";
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: paths[name], fill: filled ? "currentColor" : "none", stroke: "currentColor", "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}
