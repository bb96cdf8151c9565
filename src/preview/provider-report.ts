import { compiledProviders, probeProvider, type Probe } from "../inference/providers.ts";
import type { Provider } from "../inference/messages.ts";
import { duration } from "../text/words.ts";

const all: readonly Provider[] = ["cpu", "cuda", "tensorrt", "dml", "coreml", "webgpu"];

const names: Readonly<Record<Provider, string>> = {
  cpu: "CPU",
  cuda: "CUDA (NVIDIA)",
  tensorrt: "TensorRT (NVIDIA)",
  dml: "DirectML (Windows)",
  coreml: "CoreML (macOS)",
  webgpu: "WebGPU (any graphics card)",
};

/** What each execution provider needs where it is missing. */
const remedies: Partial<Readonly<Record<Provider, string>>> = {
  cuda: "Needs an NVIDIA card with its driver, CUDA 12 and cuDNN 9, and onnxruntime's CUDA libraries: 'Net Surgeon: Install CUDA Libraries' fetches the last.",
  tensorrt: "Needs what CUDA needs, and TensorRT 10 on the library path.",
  webgpu: "Needs a graphics driver; on Linux also libvulkan1 (Debian, Ubuntu) or vulkan-loader (Fedora).",
  dml: "Needs Windows 10 or later and a DirectX 12 graphics card.",
};

/** A readable page on which execution providers work here, how fast, and what the others lack: each is tried in a process of its own. */
export async function providerReport(entry: string): Promise<string> {
  const compiledIn = await compiledProviders(entry);
  const probes: { readonly provider: Provider; readonly probe: Probe }[] = [];
  // One after the other: beside each other they would all seem slow.
  for (const provider of all.filter((each) => compiledIn.includes(each))) probes.push({ provider, probe: await probeProvider(entry, provider) });
  const cpu = probes.find(({ provider }) => provider === "cpu")?.probe;
  const rows = probes.map(({ provider, probe }) => `| ${names[provider]} | \`${provider}\` | ${verdict(probe, provider === "cpu" ? undefined : cpu)} |`);
  const lacking = probes.filter(({ probe }) => !probe.works);
  const absent = all.filter((provider) => !compiledIn.includes(provider));
  return [
    "# Inference providers",
    "",
    `Tried on this machine (${process.platform} ${process.arch}) with a small convolution, each in a process of its own.`,
    "",
    "| provider | setting | here |",
    "|---|---|---|",
    ...rows,
    ...absent.map((provider) => `| ${names[provider]} | \`${provider}\` | not in onnxruntime for ${process.platform} ${process.arch} |`),
    ...(lacking.length === 0 ? [] : ["", "## What to do", "", ...lacking.map(({ provider }) => `- **${names[provider]}**: ${remedies[provider] ?? "see its vendor's documentation."}`)]),
    "",
    "The setting `netsurgeon.preview.provider` chooses; `auto` takes the first of cuda, dml, coreml and webgpu that works and is faster than the CPU.",
    "",
  ].join("\n");
}

function verdict(probe: Probe, cpu: Probe | undefined): string {
  if (!probe.works) return `does not work: ${probe.reason}`;
  const ratio = cpu?.works === true ? cpu.seconds / probe.seconds : undefined;
  const against = ratio === undefined ? "" : ratio >= 1 ? `, ${ratio.toFixed(1)} times as fast as the CPU` : `, ${(1 / ratio).toFixed(1)} times slower than the CPU`;
  return `works: ${duration(probe.seconds)}${against}`;
}
