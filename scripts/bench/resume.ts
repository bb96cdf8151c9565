import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { writePicture } from "./images.ts";
import { runProgram } from "./measure.ts";
import { sampleNet } from "./nets.ts";

/** A run that was killed and taken up again. */
export interface ResumeFigures {
  readonly side: number;
  /** Tiles of the map's file, and how many of them the killed run left. */
  readonly tiles: number;
  readonly kept: number;
  /** Whether both files are the same byte for byte. */
  readonly identical: boolean;
}

/** Segments a picture undisturbed; then again, killed when half of the map's file is there, and taken up. Compares the files. */
export async function measureResume(folder: string, side: number, method = "dense"): Promise<ResumeFigures> {
  const [image, whole, killed] = [join(folder, "resume.tif"), join(folder, "whole.tif"), join(folder, "killed.tif")];
  await writePicture(image, side);
  const net = ["--net", sampleNet.text, "--weights", sampleNet.weights, "--mean", sampleNet.mean!, "--provider", "cpu", "--method", method, "--json"];
  const run = (out: string): string[] => ["dist/cli.cjs", "segment", image, ...net, "--out", out];
  await runProgram(run(whole));
  const tiles = Math.ceil(side / 256) ** 2;
  await killWhen(run(killed), () => recordsOf(`${killed}.partial.journal`) >= tiles / 2);
  if (existsSync(killed)) throw new Error("the run ended before it was killed");
  const kept = recordsOf(`${killed}.partial.journal`);
  await runProgram(run(killed));
  const identical = (await digest(whole)) === (await digest(killed));
  await Promise.all([image, whole, killed].map((path) => rm(path)));
  return { side, tiles, kept, identical };
}

async function killWhen(args: readonly string[], isTime: () => boolean): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.on("exit", () => { resolve(); }));
  while (child.exitCode === null && child.signalCode === null && !isTime()) await setTimeout(20);
  child.kill("SIGKILL");
  await ended;
}

/** Tiles that a journal notes, one a line: `NUMBER CHECKSUM`. */
function recordsOf(journal: string): number {
  try {
    return readFileSync(journal, "utf8").match(/^\d+ \d+$/gm)?.length ?? 0;
  } catch {
    return 0;
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
