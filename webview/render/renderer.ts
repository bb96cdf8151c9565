import { canvasRenderer } from "./canvas.ts";
import type { Renderer } from "./drawing.ts";
import { webglRenderer } from "./webgl.ts";

/**
 * The best renderer for a canvas. `again` is called with a new one where the graphics card was lost (sleep, a driver's update) and is back.
 */
export function renderer(canvas: HTMLCanvasElement, again: (renderer: Renderer) => void): Renderer {
  const first = webglRenderer(canvas);
  if (first === undefined) return canvasRenderer(canvas);
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
  });
  canvas.addEventListener("webglcontextrestored", () => {
    again(webglRenderer(canvas)!);
  });
  return first;
}
