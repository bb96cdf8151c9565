import type { Extent } from "../dense/geometry.ts";
import type { Method, NetInput } from "../dense/plan.ts";
import { channelCount } from "../dense/preprocess.ts";
import { Failure } from "../text/failure.ts";
import { count as inWords, counted } from "../text/words.ts";
import type { Planes, Session } from "./messages.ts";
import type { MapRequest } from "./run-map.ts";

/** Patches run together where the net leaves the batch open: enough to fill the machine, few enough for its memory. */
const defaultBatch = 32;

/** The input a session takes, its open sizes filled in from the request; a net that cannot look at the image is a Failure. */
export function netInput(request: Pick<MapRequest, "session" | "input" | "geometry" | "preprocessing">, method: Method): NetInput {
  const { session, input = {}, geometry, preprocessing } = request;
  const [batch, channels, height, width] = imageShape(session);
  const wanted = channelCount(preprocessing);
  if (typeof channels === "number" && channels !== wanted) {
    throw new Failure("bad-request", `the net takes ${counted(channels, "channel")}, the preprocessing gives ${inWords(wanted)}.`, {
      advice: channels === 1 ? "Choose the channel order 'gray'." : "Choose the channel order 'bgr' or 'rgb'.",
    });
  }
  const patch = geometry.patch;
  const sizes = {
    batch: sizeOf(batch, input.batch ?? (method === "naive" ? defaultBatch : 1)),
    height: sizeOf(height, method === "naive" ? patch.height : input.height),
    width: sizeOf(width, method === "naive" ? patch.width : input.width),
  };
  const fits = method === "naive"
    ? sizes.height === patch.height && sizes.width === patch.width
    : sizes.height >= patch.height && sizes.width >= patch.width;
  if (!fits) {
    const relation = method === "naive" ? "is not" : "is smaller than";
    throw new Failure("bad-request", `the net's input of ${words(sizes)} ${relation} the patch of ${words(patch)}`);
  }
  return sizes;
}

/**
 * The size of the planes in the output of a net, of which one class was wanted.
 *
 * Outputs are N x C x H x W, or N x C (a patch classifier). Fewer outputs than the geometry says, or no such class, is a Failure;
 * more are allowed, because pooling that rounds sizes up adds some that see less than a patch.
 */
export function planeSize({ shape, type }: Pick<Planes, "shape" | "type">, count: number, classIndex: number, expected: Extent): Extent {
  const [batch = 0, classes = 0, height = 1, width = 1] = shape;
  if (type !== "float32" || (shape.length !== 2 && shape.length !== 4) || count > batch) {
    throw new Failure("bad-net", `the net's output is ${shape.join(" x ")} (${type}): no probabilities per class`);
  }
  if (!Number.isInteger(classIndex) || classIndex < 0 || classIndex >= classes) {
    const known = counted(classes, "class", "classes");
    throw new Failure("bad-request", `there is no class ${classIndex}: the net has ${known}, counted from 0`);
  }
  if (height < expected.height || width < expected.width) {
    throw new Failure("bad-net", `the net gives ${words({ height, width })} outputs, its patch and stride promise ${words(expected)}.`, {
      advice: "Its patch or stride is not what was assumed; give the patch it was trained on.",
    });
  }
  return { height, width };
}

function words({ height, width }: Extent): string {
  return `${height} x ${width}`;
}

function imageShape(session: Session): readonly (number | string)[] {
  const shape = session.inputs[0]?.shape ?? [];
  if (session.inputs.length === 1 && shape.length === 4) return shape;
  const inputs = session.inputs.map(({ name, shape: sizes }) => `'${name}' (${sizes.join(" x ")})`).join(", ");
  throw new Failure("bad-net", `the net takes ${inputs === "" ? "no input" : inputs}; an image needs one input of N x C x H x W`);
}

function sizeOf(declared: number | string | undefined, chosen: number | undefined): number {
  if (typeof declared === "number" && declared >= 0) return declared;
  if (chosen === undefined) throw new Error("the net leaves its input size open and none was chosen");
  return chosen;
}
