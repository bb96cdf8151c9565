import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { animatedWebp } from "../vscode/webp.ts";

/** The frames of a moving picture: where each lies, how large it is and how long it is seen. */
function framesOf(file: Buffer): number[][] {
  expect(file.toString("latin1", 0, 4) + file.toString("latin1", 8, 16)).toBe("RIFFWEBPVP8X");
  expect(file.readUInt32LE(4)).toBe(file.length - 8);
  const frames: number[][] = [];
  for (let at = 12; at < file.length; at += 8 + file.readUInt32LE(at + 4) + (file.readUInt32LE(at + 4) % 2)) {
    if (file.toString("latin1", at, at + 4) !== "ANMF") continue;
    const [x, y, width, height, duration] = [0, 3, 6, 9, 12].map((from) => file.readUIntLE(at + 8 + from, 3));
    frames.push([2 * x!, 2 * y!, width! + 1, height! + 1, duration!]);
    expect(file.toString("latin1", at + 24, at + 27)).toBe("VP8");
  }
  return frames;
}

test("frames are put together as the format says, whatever their length", () => {
  const still = (content: string): Buffer => {
    const file = Buffer.alloc(20 + content.length + (content.length % 2));
    file.write("RIFF____WEBPVP8 ", "latin1");
    file.writeUInt32LE(content.length, 16);
    file.write(content, 20, "latin1");
    return file;
  };
  const file = animatedWebp(100, 70, [{ webp: still("odd"), left: 0, top: 0, width: 100, height: 70, duration: 300 }, { webp: still("even"), left: 10, top: 4, width: 7, height: 8, duration: 70_000 }]);
  expect(framesOf(file)).toEqual([[0, 0, 100, 70, 300], [10, 4, 7, 8, 70_000]]);
});

test("the README's picture moves, is small, and shows the growth of the exact map", () => {
  const file = readFileSync(join(import.meta.dirname, "../../docs/images/preview.webp"));
  expect(file.length).toBeLessThan(1.5e6);
  expect(framesOf(file).length).toBeGreaterThan(20);
  expect(readFileSync(join(import.meta.dirname, "../../README.md"), "utf8")).toContain("](docs/images/preview.webp)");
});
