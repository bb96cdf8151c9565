// Installs the VS Code of the tests where it is missing. Exit code 3, with the reason, where there can be none.
import { ensureHost } from "./host/install.ts";

const host = await ensureHost();
if ("missing" in host) {
  console.log(`no VS Code for the tests: ${host.missing}`);
  // A machine for continuous integration that could have one must have one.
  process.exitCode = host.possible && process.env["CI"] !== undefined ? 1 : 3;
}
