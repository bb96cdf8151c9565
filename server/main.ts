import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { startServer } from "./server.ts";

// The transport is in the arguments: --stdio, --node-ipc, --socket=PORT or --pipe=NAME.
const connection = createConnection(ProposedFeatures.all);
// Editors that do not say where the rules are described get the description beside the program.
const rules = join(__dirname, "../docs/rules.md");
startServer(connection, existsSync(rules) ? pathToFileURL(rules).href : undefined);
connection.listen();
