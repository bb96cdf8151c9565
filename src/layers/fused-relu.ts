import type { Emitter } from "./emitter.ts";
import type { Message } from "../prototxt/message.ts";

/** The value behind the ReLU that Intel's Caffe lets a layer carry (`relu`, `negative_slope`); without one, the value. */
export function rectified(emit: Emitter, value: string, param: Message): string {
  if (!param.bool("relu")) return value;
  const slope = param.number("negative_slope");
  return slope === 0 ? emit.node("Relu", [value]) : emit.node("LeakyRelu", [value], { alpha: { float: slope } });
}
