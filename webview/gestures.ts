import type { Camera, Point, Size } from "./camera.ts";
import { pan, toPicture, zoomAt } from "./camera.ts";

/** What moving, wheeling and touching the view do. */
export interface Hands {
  /** The part of the view a point is in, and the point within it: the panes of a comparison move as one. */
  locate(at: Point): { readonly frame: Size; readonly at: Point };
  camera(): Camera;
  /** The camera that what is on the screen is drawn with. */
  drawnCamera(): Camera;
  picture(): Size | undefined;
  moved(camera: Camera): void;
  hovered(pixel: Point | undefined): void;
  clicked(pixel: Point): void;
}

/**
 * Makes an element a view that is dragged, zoomed at the cursor by wheel, pinch and double click, and that tells which pixel is under the
 * mouse. It stops where the hand stops.
 */
export function listenToHands(element: HTMLElement, hands: Hands): void {
  const fingers = new Map<number, Point>();
  let travelled = 0;
  const place = (event: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || hands.picture() === undefined) return;
    element.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, place(event));
    travelled = 0;
  });
  element.addEventListener("pointermove", (event) => {
    const now = place(event);
    const before = fingers.get(event.pointerId);
    if (before !== undefined) {
      fingers.set(event.pointerId, now);
      const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      travelled += Math.hypot(now.x - before.x, now.y - before.y);
      drag(hands, before, now, others[0]);
    }
    if (event.pointerType === "mouse") hands.hovered(pixelAt(hands, now));
  });
  const lift = (event: PointerEvent): void => {
    const at = fingers.get(event.pointerId);
    fingers.delete(event.pointerId);
    if (event.type === "pointerup" && at !== undefined && travelled < 4 && fingers.size === 0) {
      const pixel = pixelAt(hands, at);
      if (pixel !== undefined && event.shiftKey) hands.clicked(pixel);
      else if (pixel !== undefined && event.pointerType !== "mouse") hands.hovered(pixel);
    }
  };
  element.addEventListener("pointerup", lift);
  element.addEventListener("pointercancel", lift);
  element.addEventListener("pointerleave", () => {
    hands.hovered(undefined);
  });
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    // Lines and pages to pixels; a pinch on a touch pad comes as a wheel with Ctrl and small steps.
    const pixels = event.deltaY * [1, 16, 200][event.deltaMode]!;
    zoom(hands, place(event), Math.exp(-Math.min(Math.max(pixels, -240), 240) * (event.ctrlKey ? 0.01 : 0.0018)));
  }, { passive: false });
  element.addEventListener("dblclick", (event) => {
    zoom(hands, place(event), event.shiftKey ? 0.5 : 2);
  });
}

/** The pixel of the picture under a point of the view, if it is on the picture. */
function pixelAt(hands: Hands, at: Point): Point | undefined {
  const picture = hands.picture();
  if (picture === undefined) return undefined;
  const place = hands.locate(at);
  const { x, y } = toPicture(hands.drawnCamera(), place.frame, place.at);
  return x >= 0 && y >= 0 && x < picture.width && y < picture.height ? { x: Math.floor(x), y: Math.floor(y) } : undefined;
}

function zoom(hands: Hands, at: Point, factor: number): void {
  const picture = hands.picture();
  if (picture === undefined) return;
  const place = hands.locate(at);
  hands.moved(zoomAt(hands.camera(), place.frame, picture, place.at, factor));
}

/** One finger moves the picture; with a second, the distance between them zooms at their middle. */
function drag(hands: Hands, before: Point, now: Point, other: Point | undefined): void {
  const picture = hands.picture();
  if (picture === undefined) return;
  const share = other === undefined ? 1 : 0.5;
  hands.moved(pan(hands.camera(), picture, (now.x - before.x) * share, (now.y - before.y) * share));
  if (other === undefined) return;
  const apart = (a: Point): number => Math.max(Math.hypot(a.x - other.x, a.y - other.y), 1);
  zoom(hands, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 }, apart(now) / apart(before));
}
