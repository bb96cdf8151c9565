import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAtomicFile, discardAll, writeFileAtomic } from "../../src/text/atomic.ts";
import { Failure } from "../../src/text/failure.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "atomic-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function checkFailure(promise: Promise<unknown>, message: string): Promise<void> {
  const failure = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({ kind: "cannot-write", message });
}

test("the whole file appears, and nothing else", async () => {
  const path = join(folder, "map.png");
  await writeFileAtomic(path, "new");
  expect(await readFile(path, "utf8")).toBe("new");
  expect(await readdir(folder)).toEqual(["map.png"]);
});

test("until the commit the old file stands", async () => {
  const path = join(folder, "map.png");
  await writeFile(path, "old");
  const file = await createAtomicFile(path);
  expect(dirname(file.path)).toBe(folder);
  expect(basename(file.path)).toMatch(new RegExp(`^\\.map\\.png\\.${process.pid}\\.[0-9a-f]+\\.part$`));
  await file.handle.writeFile("new");
  expect(await readFile(path, "utf8")).toBe("old");
  await file.commit();
  expect(await readFile(path, "utf8")).toBe("new");
});

test("a discarded file leaves the old one and no litter", async () => {
  const path = join(folder, "map.png");
  await writeFile(path, "old");
  const file = await createAtomicFile(path);
  await file.handle.writeFile("half");
  await file.discard();
  await file.discard();
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["map.png"]);
});

test("discardAll deletes what is under way, and only that", async () => {
  const done = await createAtomicFile(join(folder, "done"));
  await done.commit();
  const files = [await createAtomicFile(join(folder, "a")), await createAtomicFile(join(folder, "b"))];
  discardAll();
  expect(await readdir(folder)).toEqual(["done"]);
  await checkFailure(files[0]!.commit(), "its folder does not exist");
  await files[1]!.discard();
});

test("permissions of the old file are kept, links are written through", async () => {
  const path = join(folder, "real");
  await writeFile(path, "old");
  await chmod(path, 0o662);
  await symlink(path, join(folder, "link"));
  await writeFileAtomic(join(folder, "link"), "new");
  expect(await readFile(path, "utf8")).toBe("new");
  expect((await stat(path)).mode & 0o777).toBe(0o662);
  expect((await readdir(folder)).sort()).toEqual(["link", "real"]);
});

test("what cannot be written is a Failure", async () => {
  await checkFailure(writeFileAtomic(join(folder, "none", "a"), ""), "its folder does not exist");
  await mkdir(join(folder, "dir"));
  await checkFailure(writeFileAtomic(join(folder, "dir"), ""), "is a folder, not a file");
  await checkFailure(writeFileAtomic("/dev/null", ""), "is a device, not a file");
  await writeFile(join(folder, "file"), "");
  await checkFailure(writeFileAtomic(join(folder, "file", "a"), ""), "part of the path is a file, not a folder");
});

test("left-overs of a killed run go with the next one; those of a running process stay", async () => {
  const path = join(folder, "map.png");
  const ended = spawnSync(process.execPath, ["-e", ""]).pid;
  const mine = await createAtomicFile(path);
  const left = basename(mine.path).replace(`.${process.pid}.`, `.${ended}.`);
  await writeFile(join(folder, left), "half");
  await writeFile(join(folder, ".map.png.1.part"), "not ours");
  await writeFileAtomic(path, "new");
  expect((await readdir(folder)).sort()).toEqual([".map.png.1.part", basename(mine.path), "map.png"].sort());
  await mine.discard();
});
