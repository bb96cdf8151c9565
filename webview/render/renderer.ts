import { el } from "../dom.ts";
import { canvasRenderer } from "./canvas.ts";
import type { Renderer } from "./drawing.ts";
import { webglRenderer } from "./webgl.ts";

/**
 * The best renderer for a canvas. `again` is called with a new one where the graphics card was lost (sleep, a driver's update) and is back.
 */
export function renderer(canvas: HTMLCanvasElement, again: (renderer: Renderer) => void): Renderer {
  const first = hasGraphicsCard() ? webglRenderer(canvas) : undefined;
  if (first === undefined) return canvasRenderer(canvas);
  canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault();
  });
  canvas.addEventListener("webglcontextrestored", () => {
    again(webglRenderer(canvas)!);
  });
  return first;
}

/** Graphics cards that are imitated in software, of Chromium, Linux, Windows and macOS. */
const imitations = /swiftshader|llvmpipe|softpipe|basic render|software render/i;

/** Whether WebGL2 is drawn by a graphics card. One that is imitated takes twice the time of `software.ts` for a drawing, and for a part of one as long as for all. */
function hasGraphicsCard(): boolean {
  // The canvas that is drawn on could not be taken for anything else after.
  const gl = el("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (gl === null) return false;
  const names = gl.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = names === null ? "" : gl.getParameter(names.UNMASKED_RENDERER_WEBGL);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !imitations.test(String(name));
}
