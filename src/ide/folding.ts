import type { Range } from "../text/edit.ts";
import { positionAt } from "../text/line-index.ts";
import { nodesAt, messagesOf, valuesOf, type MessageNode } from "../prototxt/tree.ts";
import type { Analysis } from "./analysis.ts";

/** Lines that fold into the first of them; counted from 0, the last included. */
export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: "message" | "comment" | "region";
}

/** What folds: messages, runs of comment lines, and `# region` to `# endregion`. */
export function folds(analysis: Analysis): Fold[] {
  const { lines, document, text } = analysis;
  const found: Fold[] = [];
  const line = (offset: number): number => positionAt(lines, offset).line;
  const visit = (message: MessageNode): void => {
    for (const field of message.fields) {
      for (const inner of messagesOf(field)) {
        const startLine = line(field.start);
        const endLine = line(inner.close?.start ?? inner.end) - (inner.close === undefined ? 0 : 1);
        if (endLine <= startLine) continue;
        found.push({ startLine, endLine, kind: "message" });
        visit(inner);
      }
    }
  };
  visit(document.tree.root);
  const { kinds, starts, count } = document.tree.tokens;
  const regions: number[] = [];
  let run: { first: number; last: number } | undefined;
  const close = (): void => {
    if (run !== undefined && run.last > run.first) found.push({ startLine: run.first, endLine: run.last, kind: "comment" });
    run = undefined;
  };
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== 1) continue;
    const at = line(starts[i]!);
    const comment = text.slice(starts[i], starts[i + 1]);
    const mark = /^#\s*(region|endregion)\b/.exec(comment)?.[1];
    if (mark === "region") regions.push(at);
    const opened = mark === "endregion" ? regions.pop() : undefined;
    if (opened !== undefined) found.push({ startLine: opened, endLine: at, kind: "region" });
    if (mark !== undefined || text.slice(lines.starts[at], starts[i]).trim() !== "") continue;
    if (run?.last === at - 1) run.last = at;
    else {
      close();
      run = { first: at, last: at };
    }
  }
  close();
  return found.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
}

/** What a selection at an offset grows to, step by step: the word, the value, the field, the message's content, the message, … */
export function selectionSteps(analysis: Analysis, offset: number): Range[] {
  const steps: Range[] = [{ start: 0, end: analysis.text.length }];
  const add = ({ start, end }: Range): void => {
    const last = steps.at(-1)!;
    if (start <= offset && offset <= end && start >= last.start && end <= last.end && end - start < last.end - last.start) steps.push({ start, end });
  };
  for (const node of nodesAt(analysis.document.tree, offset)) {
    add(node);
    if (node.kind === "message") {
      if (node.open !== undefined && node.close !== undefined) add({ start: node.open.end, end: node.close.start });
      const [first, last] = [node.fields[0], node.fields.at(-1)];
      if (first !== undefined && last !== undefined) add({ start: first.start, end: last.end });
      continue;
    }
    if (node.value !== undefined) add(node.value);
    for (const value of valuesOf(node)) {
      add(value);
      if (value.kind === "scalar" && value.form === "string") add({ start: value.start + 1, end: value.end - 1 });
    }
    add(node.nameRange);
  }
  return steps.reverse();
}
