// Draws the figures of docs/geometry.md: `node scripts/figures.mjs`.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../docs/images/", import.meta.url));
mkdirSync(folder, { recursive: true });

const grey = "#8a8f98";
const blue = "#2a78d6";
const orange = "#d9822b";

/** A figure that is read on light and dark pages: mid-tone lines on no background. */
function figure(name, width, height, title, parts) {
  const style = `text { font: 13px system-ui, sans-serif; fill: ${grey} } .b { fill: ${blue} } .o { fill: ${orange} } .m { text-anchor: middle }`;
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${title}">\n<style>${style}</style>\n${parts.flat(3).join("\n")}\n</svg>\n`;
  writeFileSync(`${folder}${name}.svg`, text);
}

const rect = (x, y, w, h, fill, stroke, extra = "") => `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${fill}" stroke="${stroke}" ${extra}/>`;
const label = (x, y, text, kind = "") => `<text x="${x}" y="${y}" class="${kind}">${text}</text>`;
const line = (x1, y1, x2, y2, stroke, extra = "") => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" ${extra}/>`;

/** A row of cells with what is in them. */
function cells(x, y, size, texts, kindOf) {
  return texts.map((text, i) => {
    const kind = kindOf(i);
    const [fill, stroke] = kind === "mirror" ? ["none", grey] : kind === "b" ? [`${blue}33`, blue] : kind === "o" ? [`${orange}33`, orange] : ["none", grey];
    return [rect(x + i * size, y, size, size, fill, stroke, kind === "mirror" ? 'stroke-dasharray="3 3"' : ""), label(x + (i + 0.5) * size, y + size / 2 + 4.5, text, "m")];
  });
}

// 1. The mirrored edge and the windows of an even and an odd patch.
{
  const size = 34;
  const x = 20;
  const row = [2, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8].map(String);
  const mirror = (i) => (i < 3 ? "mirror" : "");
  const window = (from, length, y, text, color) => [
    rect(x + from * size, y, length * size, 12, `${color}55`, color),
    label(x + (from + length) * size + 10, y + 11, text),
  ];
  figure("geometry-mirror", 600, 190, "Rows beyond the edge are mirrored; an even patch of 6 sees pixel 0 through rows -3 to 2", [
    label(x, 20, "mirrored"),
    label(x + 3 * size + 4, 20, "image rows"),
    cells(x, 30, size, row, mirror),
    line(x + 3 * size, 24, x + 3 * size, 72, grey, 'stroke-width="2.5"'),
    window(0, 6, 84, "P = 6 (even) sees pixel 0: rows -3 .. 2", blue),
    window(4, 6, 112, "P = 6 sees pixel 4", blue),
    window(1, 5, 140, "P = 5 (odd) sees pixel 0: rows -2 .. 2", orange),
  ]);
}

// 2. Where samples of the simple method lie, and why the ratio of the sizes is not their distance.
{
  const size = 22;
  const x = 20;
  const n = 21;
  const sample = (i, y) => `<circle cx="${x + (i + 0.5) * size}" cy="${y}" r="6" class="b"/>`;
  const ratio = 20 / 6;
  figure("geometry-samples", 600, 190, "Samples stand at pixels 0, 4, 8, … exactly; the ratio of the sizes would put them elsewhere", [
    label(x, 20, "20 pixels, stride 4: 6 samples; the last stands in the mirrored edge"),
    cells(x, 32, size, Array.from({ length: n }, (_, i) => (i < 20 ? String(i) : "")), (i) => (i === 20 ? "mirror" : "")),
    [0, 1, 2, 3, 4, 5].map((i) => [sample(4 * i, 76), label(x + (4 * i + 0.5) * size, 100, String(4 * i), "m b")]),
    label(x, 128, `with the ratio 20 / 6 = ${ratio.toFixed(2)} between them they would be taken for pixels`),
    [0, 1, 2, 3, 4, 5].map((i) => [`<circle cx="${x + (i * ratio + 0.5) * size}" cy="148" r="6" class="o"/>`, label(x + (i * ratio + 0.5) * size, 172, (i * ratio).toFixed(1), "m o")]),
  ]);
}

// 3. Shift and stitch for stride 2, and the dense form of the same.
{
  const size = 26;
  const small = (x, y, shift, color) => [
    Array.from({ length: 9 }, (_, i) => rect(x + (i % 3) * size, y + Math.floor(i / 3) * size, size - 2, size - 2, `${color}${["22", "55", "88", "bb"][shift]}`, color)),
    label(x + 1.5 * size, y + 3 * size + 16, ["0, 0", "0, 1", "1, 0", "1, 1"][shift], "m"),
  ];
  const [bx, by] = [330, 40];
  const color = (row, column) => (row % 2) * 2 + (column % 2);
  figure("geometry-stitch", 600, 280, "Four passes at the four shifts of stride 2 interleave to the exact map", [
    label(20, 22, "one pass at each of the 2 x 2 shifts"),
    small(20, 40, 0, blue), small(130, 40, 1, blue), small(20, 150, 2, blue), small(130, 150, 3, blue),
    label(bx, 22, "interleaved: every pixel"),
    Array.from({ length: 36 }, (_, i) => {
      const [row, column] = [Math.floor(i / 6), i % 6];
      return rect(bx + column * size, by + row * size, size - 2, size - 2, `${blue}${["22", "55", "88", "bb"][color(row, column)]}`, blue);
    }),
    `<path d="M 245 118 h 60 m -10 -7 l 10 7 l -10 7" fill="none" stroke="${grey}" stroke-width="2"/>`,
    label(bx, by + 6 * size + 24, "dense: the same in one pass, stride 1,"),
    label(bx, by + 6 * size + 42, "what follows dilated by 2"),
  ]);
}
