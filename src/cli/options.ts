import { InvalidArgumentError, type Command } from "commander";
import { count } from "../text/words.ts";
import { limitNames, limitProblem, limits, type LimitName, type Limits } from "../text/limits.ts";
import { dialectNames } from "../schema/schema.ts";

/** Adds the options that choose how a net is read: phase, stages, level, dialect, the user's own layers. */
export function netOptions(command: Command): Command {
  return command
    .option("--phase <phase>", "test or train", "test")
    .option("--stage <name...>", "stages that hold, for nets with include rules")
    .option("--level <n>", "level that holds, for nets with include rules", integer)
    .option("--dialect <name>", `the Caffe the net is for: ${dialectNames.join(", ")} (default: by what it uses)`)
    .option("--layers <json>", "shape rules for layers of your own");
}

/** A whole number option. */
export function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError("it takes a whole number.");
  return value;
}

/** A number option. */
export function real(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("it takes a number.");
  return value;
}

/** A size option: `2000x2000` (height x width), or one number for a square. */
export function size(text: string): [number, number] {
  const match = /^(\d+)(?:x(\d+))?$/i.exec(text);
  const height = Number(match?.[1]);
  const width = Number(match?.[2] ?? match?.[1]);
  if (match === null || height < 1 || width < 1) throw new InvalidArgumentError("it takes HEIGHTxWIDTH, such as 2000x2000.");
  return [height, width];
}

/** A limit option, `layers=100000`, added to those before it. */
export function limitOption(text: string, before: Limits = {}): Limits {
  const [, given, digits] = /^(\w+)=([\d.]+(?:e\d+)?)$/i.exec(text) ?? [];
  const name = limitNames.find((known) => known.toLowerCase() === given?.toLowerCase());
  if (name === undefined) throw new InvalidArgumentError(`it takes NAME=NUMBER, such as layers=100000; the names are ${limitNames.join(", ")}.`);
  const problem = limitProblem(name, Number(digits));
  if (problem !== undefined) throw new InvalidArgumentError(`${problem}.`);
  return { ...before, [name]: Number(digits) };
}

/** The limits with what they are and what holds where nothing is said, for the help. */
export function limitsHelp(): string {
  const width = Math.max(...limitNames.map((name) => name.length));
  const line = (name: LimitName): string => `  ${name.padEnd(width)}  ${count(limits[name].standard)} ${limits[name].of}`;
  return limitNames.map(line).join("\n");
}
