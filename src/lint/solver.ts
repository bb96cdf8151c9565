import type { Code, Diagnostic, Severity } from "../text/diagnostic.ts";
import type { Range } from "../text/edit.ts";
import { closest } from "../text/words.ts";
import type { Document } from "../net/document.ts";

/** A path that a solver names. */
export interface SolverPath extends Range {
  readonly field: string;
  readonly path: string;
}

/** The nets that a solver names, with the places that name them; paths are relative to where Caffe is started, usually its own folder. */
export function solverPaths({ root }: Document): SolverPath[] {
  return ["net", "train_net", "test_net", "snapshot"].flatMap((field) =>
    root.valuesOf(field).flatMap(({ value, valueNode }) =>
      typeof value !== "string" || valueNode === undefined ? [] : [{ field, path: value, start: valueNode.start, end: valueNode.end }],
    ),
  );
}

/** The fields that each learning rate policy needs. Source: `sgd_solver.cpp`, GetLearningRate. */
const policies: Readonly<Record<string, readonly string[]>> = {
  fixed: [],
  step: ["gamma", "stepsize"],
  exp: ["gamma"],
  inv: ["gamma", "power"],
  multistep: ["gamma", "stepvalue"],
  poly: ["power", "max_iter"],
  sigmoid: ["gamma", "stepsize"],
};
const solverTypes = ["SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam"];

/** What Caffe would refuse of a solver, and what it would silently take as 0. Schema errors are the document's own. */
export function lintSolver(document: Document): Diagnostic[] {
  const { root, tree } = document;
  const found: Diagnostic[] = [];
  const top = { start: 0, end: Math.min(1, tree.text.length) };
  const say = (code: Code, severity: Severity, field: string | undefined, message: string, more: Partial<Diagnostic> = {}): void => {
    const place = (field === undefined ? undefined : root.place(field)) ?? root.node?.fields[0]?.nameRange ?? top;
    found.push({ code, severity, start: place.start, end: place.end, message, ...more });
  };
  const nets = ["net", "net_param", "train_net", "train_net_param"].filter((field) => root.has(field));
  if (nets.length === 0)
    say("solver-net", "error", undefined, "the solver names no net to train. Give net, or train_net.", {
      caffe:
        "Check failed: num_train_nets >= 1 (0 vs. 1) SolverParameter must specify a train net using one of these fields: net, net_param, train_net, train_net_param",
    });
  if (nets.length > 1)
    say("solver-net", "error", nets[1], `the solver names several nets to train (${nets.join(", ")}). Keep one.`, {
      caffe: `Check failed: num_train_nets <= 1 (${nets.length} vs. 1) SolverParameter must not contain more than one of these fields specifying a train_net: net, net_param, train_net, train_net_param`,
    });
  checkTests(document, say);
  checkPolicy(document, say);
  const type = root.text("type");
  if (root.has("type") && !solverTypes.includes(type)) {
    const suggestion = closest(type, solverTypes);
    const place = root.place("type")!;
    say(
      "solver-type",
      "error",
      "type",
      `there is no solver '${type}'.${suggestion === undefined ? ` Choose one of ${solverTypes.join(", ")}.` : ` Did you mean '${suggestion}'?`}`,
      change(place, suggestion),
    );
  }
  if (root.has("solver_type"))
    say("legacy-format", "information", "solver_type", 'solver_type is the old form: write type: "…" with the solver\'s name.', {
      tags: ["deprecated"],
    });
  if (!root.has("base_lr")) say("solver-field", "warning", undefined, "the solver gives no base_lr: Caffe takes 0 and nothing is learned.");
  if (!root.has("max_iter")) say("solver-field", "warning", undefined, "the solver gives no max_iter: Caffe takes 0 and stops at once.");
  return found.sort((a, b) => a.start - b.start);
}

function change({ start, end }: Range, suggestion: string | undefined): Pick<Diagnostic, "fixes"> {
  if (suggestion === undefined) return {};
  return { fixes: [{ title: `Change to '${suggestion}'`, edits: [{ start, end, text: JSON.stringify(suggestion) }], preferred: true }] };
}

type Say = (code: Code, severity: Severity, field: string | undefined, message: string, more?: Partial<Diagnostic>) => void;

/** Each test net needs its own test_iter. Source: `Solver::InitTestNets`. */
function checkTests({ root }: Document, say: Say): void {
  const given = root.size("test_iter");
  const explicit = root.size("test_net") + root.size("test_net_param");
  if (given > 0 && explicit > given)
    say("solver-tests", "error", "test_iter", `the solver has ${explicit} test nets, but ${given} test_iter. Give one test_iter for each.`);
  if (given > 0 && root.number("test_interval") <= 0)
    say("solver-tests", "error", "test_iter", "the solver tests (test_iter), but gives no test_interval above 0.", {
      caffe: "Check failed: param_.test_interval() > 0 (0 vs. 0)",
    });
  if (given === 0 && root.number("test_interval") > 0)
    say("solver-tests", "warning", "test_interval", "the solver gives test_interval, but no test_iter: it does not test.");
  const states = root.size("test_state");
  if (states > 0 && given > 0 && states !== given)
    say("solver-tests", "error", "test_state", `the solver has ${states} test_state for ${given} test_iter. Give one for each, or none.`);
}

function checkPolicy({ root }: Document, say: Say): void {
  const policy = root.text("lr_policy");
  if (policy === "") {
    say(
      "solver-policy",
      "error",
      undefined,
      "the solver gives no lr_policy. Choose one of fixed, step, exp, inv, multistep, poly, sigmoid.",
      { caffe: "Unknown learning rate policy: " },
    );
    return;
  }
  const needed = Object.hasOwn(policies, policy) ? policies[policy] : undefined;
  if (needed === undefined) {
    const suggestion = closest(policy, Object.keys(policies));
    const place = root.place("lr_policy");
    say(
      "solver-policy",
      "error",
      "lr_policy",
      `there is no learning rate policy '${policy}'.${suggestion === undefined ? ` Choose one of ${Object.keys(policies).join(", ")}.` : ` Did you mean '${suggestion}'?`}`,
      { caffe: `Unknown learning rate policy: ${policy}`, ...(place !== undefined && change(place, suggestion)) },
    );
    return;
  }
  for (const field of needed) {
    if (root.has(field)) continue;
    const zero =
      field === "stepsize" ? "Caffe divides by zero then" : field === "stepvalue" ? "the rate never changes then" : "Caffe takes 0";
    say(
      "solver-policy",
      field === "stepsize" ? "error" : "warning",
      "lr_policy",
      `the policy '${policy}' needs ${field}, which is not given: ${zero}.`,
    );
  }
}
