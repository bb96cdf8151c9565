import { join } from "node:path";
import { test } from "vitest";
import { checkGolden } from "../support/annotations.ts";
import { cliDocument } from "../support/cli-doc.ts";

test("docs/cli.md says what --help says", () => {
  checkGolden(join(import.meta.dirname, "../../docs/cli.md"), cliDocument());
});
