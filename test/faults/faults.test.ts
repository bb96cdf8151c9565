import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, truncateSync, watch, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readImage } from "../../src/image/image.ts";
import { openTiff } from "../../src/image/tiff-region.ts";
import { writeTiff } from "../../src/image/write-tiff.ts";
import { sentence, type Failure } from "../../src/text/failure.ts";
import { openWeights } from "../../src/weights/open.ts";
import { rewriteWeights } from "../../src/weights/rewrite.ts";
import { cli, model, repository, run, scratch, writers } from "./programs.ts";
import { childrenOf } from "../support/processes.ts";

// Programs are started dozens of times.
vi.setConfig({ testTimeout: 300_000 });

const linux = process.platform === "linux";
const root = linux && process.getuid?.() === 0;
const nobody = 65_534;

/** What was tried and what came of it, printed at the end. */
const table: [fault: string, command: string, outcome: string][] = [];
afterAll(() => {
  const widths = [0, 1].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  console.log(`\nfaults:\n${table.map(([fault, command, outcome]) => `${fault.padEnd(widths[0]!)}  ${command.padEnd(widths[1]!)}  ${outcome}`).join("\n")}`);
  if (!root) console.log("full disks, read-only file systems and other users' files were not tried: that takes root on Linux");
});

let place: ReturnType<typeof scratch>;
beforeEach(() => { place = scratch(); });
afterEach(() => { place.remove(); });

const commands = Object.entries(writers);

/** Expects that a command failed with these words, and that everything in the folder is as it was. */
async function checkRefused(fault: string, command: string, ended: ReturnType<typeof run>, words: RegExp, folder: { list: () => string[] }, before: readonly string[]): Promise<void> {
  const { code, says } = await ended;
  expect({ code, says }).toEqual({ code: 2, says: expect.stringMatching(words) as string });
  expect(says).toMatch(/^netsurgeon: /);
  expect(folder.list()).toEqual(before);
  table.push([fault, command, says.replaceAll(place.folder, "…").slice("netsurgeon: ".length)]);
}

describe.skipIf(!root)("the file system refuses", () => {
  /** A file system of its own in the test's folder. */
  async function mounted(options: string, use: (folder: string) => Promise<void>): Promise<void> {
    const folder = join(place.folder, "disk");
    mkdirSync(folder);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96k", "tmpfs", folder]);
    try {
      for (const { target } of Object.values(writers)) writeFileSync(join(folder, target), "old");
      writeFileSync(join(folder, "fill"), new Uint8Array(60_000));
      if (options !== "") execFileSync("mount", ["-o", `remount,${options}`, folder]);
      await use(folder);
    } finally {
      execFileSync("umount", [folder]);
    }
  }
  /** Runs the command line as another user, who comes to the repository wherever it lies: it may be in a folder of root's alone. */
  async function asNobody(args: readonly string[], check: (ended: ReturnType<typeof run>) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "netsurgeon-repository-"));
    chmodSync(folder, 0o755);
    execFileSync("mount", ["--bind", repository, folder]);
    try {
      const seen = (path: string): string => path.replace(repository, folder);
      await check(run(args.map(seen), { program: seen(cli), uid: nobody, gid: nobody }));
    } finally {
      execFileSync("umount", [folder]);
    }
    // Only ever an empty folder: what was mounted there is the repository.
    rmdirSync(folder);
  }
  const inside = (folder: string): { list: () => string[] } => ({ list: () => execFileSync("ls", ["-A", folder], { encoding: "utf8" }).trim().split("\n") });

  test.each(commands)("%s: a full disk", (command, { target, args }) =>
    mounted("", async (folder) => {
      // A map of the sample takes little; nothing is left for it.
      if (command === "segment") {
        for (let i = 0; i < 20; i++) {
          try {
            writeFileSync(join(folder, `more${i}`), new Uint8Array(4096));
          } catch {
            break;
          }
        }
      }
      const before = inside(folder).list();
      await checkRefused("full disk", command, run(args(join(folder, target))), /the disk is full; nothing was written/, inside(folder), before);
      expect(readFileSync(join(folder, target), "utf8")).toBe("old");
    }),
  );

  test.each(commands)("%s: a read-only file system", (command, { target, args }) =>
    mounted("ro", async (folder) => {
      await checkRefused("read-only file system", command, run(args(join(folder, target))), /the file system is read-only/, inside(folder), inside(folder).list());
      expect(readFileSync(join(folder, target), "utf8")).toBe("old");
    }),
  );

  test.each(commands)("%s: a folder of another user", async (command, { target, args }) => {
    chmodSync(place.folder, 0o755);
    writeFileSync(join(place.folder, target), "old", { mode: 0o666 });
    await asNobody(args(join(place.folder, target)), (ended) => checkRefused("read-only folder", command, ended, /permission denied/, place, [target]));
  });

  test("a model that may not be read", async () => {
    const secret = join(place.folder, "secret.caffemodel");
    chmodSync(place.folder, 0o755);
    copyFileSync(model, secret);
    chmodSync(secret, 0o600);
    chownSync(secret, 0, 0);
    const args = writers.convert.args(join(place.folder, "full.caffemodel")).map((arg) => (arg === model ? secret : arg));
    await asNobody(args, (ended) => checkRefused("input not permitted", "convert", ended, /secret\.caffemodel: permission denied/, place, [basename(secret)]));
  });
});

describe("a file changes while it is read", () => {
  async function checkChanged(what: string, words: RegExp, action: () => Promise<unknown>): Promise<void> {
    const failure = await action().then(() => undefined, (cause: unknown) => cause as Failure);
    expect(failure?.name).toBe("Failure");
    expect(sentence(failure!)).toMatch(words);
    table.push(["file changed while read", what, sentence(failure!).replaceAll(place.folder, "…")]);
  }
  const changes = new Map([["fc6", { name: "fc6-conv" }]]);

  test("a model, between being looked at and being copied", async () => {
    const copy = join(place.folder, "a.caffemodel");
    copyFileSync(model, copy);
    const file = await openWeights(copy);
    writeFileSync(copy, new Uint8Array(10));
    await checkChanged("convert", /a\.caffemodel: was changed by another program while it was in use\. Start again\.$/, () => rewriteWeights(file, join(place.folder, "b"), changes));
    expect(place.list()).toEqual(["a.caffemodel"]);
  });
  test("a model, cut short while it is copied", async () => {
    const copy = join(place.folder, "a.caffemodel");
    // So large that it is copied in several steps.
    const file = readFileSync(model);
    writeFileSync(copy, Buffer.concat([file, ...Array.from({ length: 12 }, () => unknownField(2 ** 20))]));
    writeFileSync(join(place.folder, "b"), "old");
    const opened = await openWeights(copy);
    await checkChanged("convert", /a\.caffemodel: became shorter while it was read\.$/, () =>
      rewriteWeights(opened, join(place.folder, "b"), changes, { onProgress: () => { truncateSync(copy, 400_000); } }));
    expect(place.list()).toEqual(["a.caffemodel", "b"]);
    expect(place.read("b")).toBe("old");
  });
  test("a picture, cut short between its parts", async () => {
    const copy = join(place.folder, "a.tif");
    copyFileSync(join(import.meta.dirname, "../fixtures/image/lzw-tiles.tif"), copy);
    const whole = await readImage(copy);
    const tiff = await openTiff(copy);
    truncateSync(copy, 9000);
    await checkChanged("segment", /a\.tif: /, () => tiff.readRegion(0, 0, whole.width, whole.height));
    await tiff.close();
  });
});

/** A field of this many bytes that no reader of models knows. */
function unknownField(bytes: number): Uint8Array {
  const content = new Uint8Array(bytes + 6);
  // Field 2047, length-delimited; its length as a varint of four bytes.
  content.set([0xfa, 0x7f, (bytes & 127) | 128, ((bytes >> 7) & 127) | 128, ((bytes >> 14) & 127) | 128, bytes >> 21]);
  return content;
}

describe.skipIf(process.platform === "win32")("the program is killed", () => {
  test.each(commands)("%s: at any moment the target is the old file or the new one, and the next run leaves nothing else", async (command, { target, args }) => {
    const out = join(place.folder, target);
    const start = performance.now();
    expect(await run(args(out))).toMatchObject({ code: 0 });
    const takes = performance.now() - start;
    const after = place.list();
    const whole = place.read(target);
    let killed = 0;
    for (const moment of [Math.random(), 0.5 + Math.random() / 2, "writing"] as const) {
      writeFileSync(out, "old");
      const ended = await run(args(out), {
        meanwhile: async (pid, ended) => {
          if (moment === "writing") await Promise.race([partAppears(place.folder), ended]);
          else await Promise.race([setTimeout(moment * takes), ended]);
          try {
            process.kill(pid, "SIGKILL");
          } catch {
            // It was quicker.
          }
        },
      });
      killed += ended.signal === "SIGKILL" ? 1 : 0;
      expect(["old", whole]).toContain(place.read(target));
    }
    expect(await run(args(out))).toMatchObject({ code: 0 });
    expect(place.list()).toEqual(after);
    expect(place.read(target)).toBe(whole);
    table.push(["SIGKILL", command, `${killed} of 3 runs were hit; old or new file each time, no litter after the next run`]);
  });
});

describe.skipIf(process.platform === "win32")("a segmentation that can be resumed is killed", () => {
  test("at any moment the old map is whole, and what was finished is not lost: resumed, the same file comes out and no other", async () => {
    // Large enough for a map that is written as it comes.
    const [width, height] = [2200, 1930];
    const image = join(place.folder, "image.tif");
    await writeTiff(image, { width, height, channels: 3, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24) });
    const args = (name: string): string[] => [...writers.segment.args(join(place.folder, name)).map((arg) => (/tissue.*\.png$/.test(arg) ? image : arg)), "--tile", "288", "--json"];
    const start = performance.now();
    expect(await run(args("whole.tif"))).toMatchObject({ code: 0 });
    const takes = performance.now() - start;
    writeFileSync(join(place.folder, "map.tif"), "old");
    let killed = 0;
    for (const moment of ["writing", Math.random(), Math.random(), Math.random()] as const) {
      const ended = await run(args("map.tif"), {
        meanwhile: async (pid, ended) => {
          if (moment === "writing") await Promise.race([journalGrows(join(place.folder, "map.tif.partial.journal")), ended]);
          else await Promise.race([setTimeout(moment * takes), ended]);
          try {
            process.kill(pid, "SIGKILL");
          } catch {
            // It was quicker.
          }
        },
      });
      const map = place.read("map.tif");
      // It was quicker, or was killed when the new map had just taken its place.
      if (ended.signal !== "SIGKILL" || map !== "old") {
        expect(map === place.read("whole.tif")).toBe(true);
        break;
      }
      killed++;
    }
    expect(killed).toBeGreaterThan(0);
    const last = await run(args("map.tif"));
    expect(last.code).toBe(0);
    expect(place.list()).toEqual(["image.tif", "map.tif", "whole.tif"]);
    expect(place.read("map.tif") === place.read("whole.tif")).toBe(true);
    const [, kept] = /(\d+) tiles of \d+ are there from an earlier run/.exec(last.all) ?? [];
    if (killed === 4) expect(Number(kept)).toBeGreaterThan(0);
    table.push(["SIGKILL, then resumed", "segment", `killed ${killed} times; the old map stayed, ${kept ?? 0} tiles were kept, the same file byte for byte, no litter`]);
  });
});

/** Resolves when a temporary file is seen in the folder. */
function partAppears(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, (_, name) => {
      if (name?.endsWith(".part") !== true) return;
      watcher.close();
      resolve();
    });
  });
}

/** Resolves when a journal gets longer than it was by some tiles. */
function journalGrows(path: string): Promise<void> {
  const lines = (): number => (existsSync(path) ? readFileSync(path, "utf8").split("\n").length : 0);
  const before = lines();
  return new Promise((resolve) => {
    const watcher = watch(join(path, ".."), () => {
      if (lines() < before + 8) return;
      watcher.close();
      resolve();
    });
  });
}

describe.skipIf(!linux)("the inference process is killed", () => {
  test("in the middle of a run: the reason is said, the old map stays", async () => {
    const out = join(place.folder, "map.png");
    writeFileSync(out, "old");
    const ended = run([...writers.segment.args(out).map((arg) => (arg === "simple" ? "naive" : arg))], {
      meanwhile: async (pid, ended) => {
        let over = false;
        void ended.finally(() => (over = true));
        // Nothing says from outside when it runs its first tile; a process that has used half a second of processor is past its start.
        for (;;) {
          await setTimeout(20);
          if (over) return;
          const [inference] = childrenOf(pid);
          if (inference === undefined || processorTime(inference) < 1.5) continue;
          process.kill(inference, "SIGKILL");
          return;
        }
      },
    });
    await checkRefused("inference process killed", "segment", ended, /the inference process was killed \(SIGKILL\); most often the memory has run out\. Close other programs/, place, ["map.png"]);
    expect(place.read("map.png")).toBe("old");
  });
});

describe("a provider fails in the middle of a run", () => {
  test("it and its words are said, the old map stays", async () => {
    const programs = join(place.folder, "programs");
    mkdirSync(programs);
    copyFileSync(cli, join(programs, "cli.cjs"));
    // The inference process as it is, but its second answer to a run is an error of the provider.
    const failing = `
      const send = process.send.bind(process);
      let runs = 0;
      process.send = (message, ...rest) => {
        const fails = message.kind === "planes" && ++runs === 2;
        return send(fails ? { kind: "failed", id: message.id, reason: "CUDA error 700: an illegal memory access was encountered" } : message, ...rest);
      };
      require(${JSON.stringify(join(cli, "../inference.cjs"))});`;
    writeFileSync(join(programs, "inference.cjs"), failing);
    const out = join(place.folder, "map.png");
    writeFileSync(out, "old");
    const ended = run([...writers.segment.args(out), "--tile", "100"], { program: join(programs, "cli.cjs") });
    await checkRefused("provider fails", "segment", ended, /the execution provider 'cpu' failed running the net: CUDA error 700: an illegal memory access was encountered\. Choose smaller tiles/, place, ["map.png", "programs"]);
    expect(place.read("map.png")).toBe("old");
  });
});

/** Seconds that a process has computed. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
