import { context2d } from "../dom.ts";
import type { Renderer } from "./drawing.ts";
import { software } from "./software.ts";

/** A renderer for canvases without WebGL2. */
export function canvasRenderer(canvas: HTMLCanvasElement): Renderer {
  const context = context2d(canvas, { alpha: false });
  return {
    kind: "canvas",
    isDone: () => true,
    draw(drawing) {
      context.putImageData(new ImageData(software(drawing), drawing.width, drawing.height), 0, 0);
    },
    changed() {
      // Every drawing reads the rasters anew.
    },
    release() {
      // Nothing is kept.
    },
  };
}
