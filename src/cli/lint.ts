import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Command, Option } from "commander";
import type { Diagnostic } from "../text/diagnostic.ts";
import { counted } from "../text/words.ts";
import { lintShapes } from "../lint/lint.ts";
import { lintSolver, solverPaths } from "../lint/solver.ts";
import type { Document } from "../net/document.ts";
import { namesHost } from "../ide/directives.ts";
import { compareWeights } from "../ide/weights.ts";
import { openWeights } from "../weights/open.ts";
import { exitCodes } from "./exit-codes.ts";
import { readNetFile, shapesOf, type NetOptions } from "./net-file.ts";
import { netOptions } from "./options.ts";
import { diagnosticJson, diagnosticLines, say, sayJson, styled } from "./print.ts";
import { totals } from "./totals.ts";

interface LintOptions extends NetOptions {
  readonly format: "text" | "json";
  readonly weights?: string;
  readonly pixelwise: "auto" | "on" | "off";
  readonly quiet?: boolean;
}

/** `netsurgeon lint FILE…` */
export function lintCommand(): Command {
  const command = new Command("lint")
    .description("Checks nets: what Caffe would refuse, and what would make pixel-wise output differ from the patch classifier.")
    .argument("<file...>", "prototxt files")
    .addOption(new Option("--format <format>", "how findings are printed").choices(["text", "json"]).default("text"))
    .option("--weights <model>", "a .caffemodel whose blobs must fit the net")
    .addOption(
      new Option("--pixelwise <when>", "checks for running a patch classifier on every pixel")
        .choices(["auto", "on", "off"])
        .default("auto"),
    )
    .option("--quiet", "errors and warnings only, without the summary");
  return netOptions(command)
    .addHelpText(
      "after",
      "\nExits with 1 where there are errors or warnings.\n\nExample:\n  $ netsurgeon lint deploy.prototxt --weights net.caffemodel",
    )
    .action(lintFiles);
}

async function lintFiles(files: readonly string[], options: LintOptions): Promise<void> {
  const json: Record<string, unknown>[] = [];
  let serious = 0;
  for (const file of files) {
    const document = await readNetFile(file, options);
    const { findings, summary } = await findingsOf(file, document, options);
    serious += findings.filter((d) => d.severity === "error" || d.severity === "warning").length;
    if (options.format === "json") json.push(...findings.map((d) => diagnosticJson(file, document, d)));
    else printFindings(file, document, findings, summary, options.quiet === true);
  }
  if (options.format === "json") sayJson(json, 2);
  process.exitCode = serious > 0 ? exitCodes.findings : exitCodes.ok;
}

async function findingsOf(file: string, document: Document, options: LintOptions): Promise<{ findings: Diagnostic[]; summary: string }> {
  if (document.kind === "solver")
    return {
      findings: [...document.diagnostics, ...lintSolver(document), ...missingNets(file, document)].sort((a, b) => a.start - b.start),
      summary: "a solver",
    };
  const shapes = await shapesOf(document, options);
  const findings = lintShapes(shapes, { pixelwise: options.pixelwise });
  if (options.weights !== undefined) findings.push(...compareWeights(shapes, await openWeights(options.weights)).diagnostics);
  return { findings, summary: totals(shapes) };
}

function printFindings(file: string, document: Document, findings: readonly Diagnostic[], summary: string, quiet: boolean): void {
  const shown = quiet ? findings.filter((d) => d.severity === "error" || d.severity === "warning") : findings;
  for (const line of diagnosticLines(file, document, shown)) say(line);
  if (quiet) return;
  const { name, because } = document.dialect;
  const count = (severity: string): number => findings.filter((d) => d.severity === severity).length;
  const verdict = [counted(count("error"), "error"), counted(count("warning"), "warning")].join(", ");
  say(styled("gray", `${file}: ${verdict} · ${summary}${name === "bvlc" ? "" : ` · read as ${name}: ${because}`}`));
}

/** Nets that a solver names and that are neither in the working folder, from where Caffe looks, nor beside the solver. */
function missingNets(file: string, document: Document): Diagnostic[] {
  return solverPaths(document)
    .filter(({ path }) => namesHost(path) || (!existsSync(path) && !existsSync(resolve(dirname(file), path))))
    .map(({ path, start, end }) => ({
      code: "solver-path",
      severity: "warning",
      start,
      end,
      message: `'${path}' is neither in the current folder, from where Caffe looks, nor beside the solver.`,
    }));
}
