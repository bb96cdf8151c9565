import { context2d } from "../dom.ts";
import { followChanges } from "./changes.ts";
import type { Renderer } from "./drawing.ts";
import { software, softwareAgain } from "./software.ts";

/** A renderer that needs no graphics card. */
export function canvasRenderer(canvas: HTMLCanvasElement): Renderer {
  const context = context2d(canvas, { alpha: false });
  const changes = followChanges();
  let pixels = new Uint8ClampedArray(0);
  return {
    kind: "canvas",
    isDone: () => true,
    draw(drawing) {
      const changed = changes.next(drawing);
      if (changed === undefined) pixels = software(drawing);
      else softwareAgain(drawing, changed, pixels);
      context.putImageData(new ImageData(pixels, drawing.width, drawing.height), 0, 0);
    },
    changed: changes.written,
    release: changes.forget,
  };
}
