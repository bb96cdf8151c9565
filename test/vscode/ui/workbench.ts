import { inject } from "vitest";
import { launchBrowser } from "../host/host.ts";
import { openPage, type Workbench, type WorkbenchOptions } from "./page.ts";

export type { Workbench } from "./page.ts";

/** Opens the workbench of the server that runs the tests, with the packaged extension, on a folder of its own and with a file of it in the editor. */
export async function openWorkbench(file?: string, options: WorkbenchOptions & { readonly origin?: string } = {}): Promise<Workbench> {
  const { host, origin } = inject("vscode");
  return openPage(await launchBrowser(host), options.origin ?? origin, file, options);
}
