import { el, setAttribute, setText } from "../dom.ts";
import type { ProviderName } from "../messages.ts";
import type { Panel, Part } from "../panel.ts";

/** What computes, with a mark where others were skipped; a click explains. */
export function providerChip({ post }: Panel): Part {
  const element = el("button", { type: "button", class: "chip", "data-provider": "", onclick: () => { post({ type: "open", what: "providers" }); } });
  return {
    element,
    update({ host }) {
      const used = host?.provider;
      element.hidden = used === undefined;
      if (used === undefined) return;
      const skipped = used.skipped.map(({ name, reason }) => `${providerTitle(name)} was skipped: ${reason}`);
      setText(element, providerTitle(used.name));
      element.classList.toggle("marked", skipped.length > 0);
      const title = [`Computed on ${providerTitle(used.name)}.`, ...skipped, "Click to check the inference providers."].join("\n");
      setAttribute(element, "title", title);
      setAttribute(element, "aria-label", title);
    },
  };
}

/** Provider names as their makers write them. */
export function providerTitle(name: ProviderName): string {
  const titles: Readonly<Record<ProviderName, string>> = {
    auto: "Automatic", cpu: "CPU", cuda: "CUDA", tensorrt: "TensorRT", dml: "DirectML", coreml: "Core ML", webgpu: "WebGPU",
  };
  return titles[name];
}
