import type { LayerInput, Refusal } from "./definition.ts";

/** Why a Caffe without cuDNN refuses a layer that asks for it in `param`; undefined where it does not ask. Source: `layer_factory.cpp`. */
export function engineRefusal(layer: LayerInput, param: string): Refusal | undefined {
  if (layer.dialect !== "bvlc" || layer.message.message(param).text("engine") !== "CUDNN") return undefined;
  return {
    refused:
      `${layer.name} asks for engine CUDNN, which only a Caffe built with cuDNN has; any other does not load it. ` +
      "Remove 'engine': Caffe then takes the best it has.",
    at: `${param}.engine`,
    caffe: `Layer ${layer.message.text("name")} has unknown engine.`,
  };
}
