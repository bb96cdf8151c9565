import type { FrameLocator } from "playwright-core";
import type { Workbench } from "./page.ts";

/** The preview of the net in the editor. */
export interface Preview {
  readonly frame: FrameLocator;
  /** The run is over: the status line is its summary. */
  readonly done: () => Promise<void>;
}

/** Opens the preview by the button above the editor. */
export async function openPreview({ page }: Workbench): Promise<Preview> {
  const frame = page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  // It is offered once the language server knows that the text is a net.
  const offer = page.locator(".editor-actions a[aria-label*='Preview Segmentation']");
  // On a machine that is very busy VS Code gives up on an extension host that starts too slowly; a reload starts another.
  await offer.waitFor({ timeout: 90_000 }).catch(() => page.reload());
  await offer.click();
  return { frame, done: () => frame.locator("[data-status]", { hasText: /exact .*patch by patch/ }).waitFor() };
}
