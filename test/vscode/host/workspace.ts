import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for one run with the texts of test/vscode/workspace and the sample net with its model, in `nuclei32/`. */
export function makeWorkspace(): { readonly folder: string; remove(): void } {
  const folder = join(mkdtempSync(join(tmpdir(), "netsurgeon-workspace-")), "nets");
  cpSync("test/vscode/workspace", folder, { recursive: true });
  for (const name of ["deploy.prototxt", "nuclei32.caffemodel", "mean.binaryproto", "labels.txt", "tissue-301x257.png"]) cpSync(join("samples/nuclei32", name), join(folder, "nuclei32", name));
  return { folder, remove: () => { rmSync(join(folder, ".."), { recursive: true, force: true, maxRetries: 5 }); } };
}
