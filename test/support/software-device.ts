import { existsSync } from "node:fs";

/** SwiftShader, a graphics device in software that Debian's chromium brings: the path a real one takes. */
export const softwareDevice = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Where SwiftShader can be reached: through libvulkan. */
export const hasSoftwareDevice = existsSync(softwareDevice) && ["x86_64", "aarch64"].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libvulkan.so.1`));
