// Draws the pictures of the VS Code walkthrough: `node scripts/walkthrough.mjs`. Colours are those of the user's theme.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../docs/walkthrough/", import.meta.url));
mkdirSync(folder, { recursive: true });

const theme = (name, fallback) => `var(--vscode-${name}, ${fallback})`;
const paper = theme("editor-background", "#1f1f1f");
const ink = theme("editor-foreground", "#cccccc");
const faint = theme("descriptionForeground", "#9d9d9d");
const frame = theme("contrastBorder", theme("editorWidget-border", "#8888"));
const string = theme("debugTokenExpression-string", "#ce9178");
const number = theme("debugTokenExpression-number", "#b5cea8");
const name = theme("debugTokenExpression-name", "#c586c0");
const warning = theme("editorWarning-foreground", "#cca700");
const green = theme("charts-green", "#89d185");
const red = theme("charts-red", "#f14c4c");
const blue = theme("charts-blue", "#3794ff");
const yellow = theme("charts-yellow", "#cca700");
const WIDTH = 560;

// Styles would be refused by the walkthrough's content security policy: everything is an attribute.
const rect = (x, y, w, h, fill, more = "") => `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${fill}" ${more}/>`;
const text = (x, y, words, fill = ink, more = "") => `<text x="${x}" y="${y}" fill="${fill}" ${more}>${words}</text>`;
const said = (x, y, words, fill = ink, more = "") => text(x, y, words, fill, `font-family="system-ui, sans-serif" font-size="14" ${more}`);
const line = (x1, y1, x2, y2, stroke, more = "") => `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${stroke}" ${more}/>`;
const arrow = (x, y, length) => `${line(x, y, x + length, y, ink, 'stroke-width="1.5"')}<path d="M${x + length - 6} ${y - 5} l6 5 l-6 5" fill="none" stroke="${ink}" stroke-width="1.5"/>`;
const card = (x, y, w, h) => rect(x, y, w, h, paper, `rx="6" stroke="${frame}"`);
const chip = (x, y, words) => `${rect(x, y - 13, words.length * 7.9 + 10, 18, theme("editorInlayHint-background", "#8882"), 'rx="3"')}${text(x + 5, y, words, theme("editorInlayHint-foreground", faint))}`;

/** A line of prototxt in pieces of one colour: `[[words, colour], …]`. A letter is 7.9 wide. */
function code(x, y, pieces) {
  let at = x;
  return pieces.map(([words, fill]) => {
    const part = text(at, y, words, fill, 'xml:space="preserve"');
    at += words.length * 7.9;
    return part;
  }).join("");
}
const field = (indent, key, value, colour) => [[`${" ".repeat(indent)}${key}: `, name], [value, colour]];

function picture(file, height, title, parts) {
  const body = parts.flat(4).join("\n");
  writeFileSync(`${folder}${file}.svg`, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13">\n${body}\n</svg>\n`);
}

picture("open", 330, "A net in the editor: totals above its first line, shapes beside its tops", [
  card(10, 10, 540, 310),
  said(34, 44, "88,226 parameters · 2.2 M multiply-adds · field 32, stride 4", theme("editorCodeLens-foreground", faint)),
  said(34, 66, "Convert to fully convolutional | Preview", theme("textLink-foreground", blue)),
  ...[
    [["layer {", ink]],
    field(2, "name", '"pool2"', string),
    field(2, "type", '"Pooling"', string),
    field(2, "bottom", '"norm2"', string),
    field(2, "top", '"pool2"', string),
    [["  pooling_param { ", ink], ["pool: ", name], ["MAX ", ink], ["kernel_size: ", name], ["2 ", number], ["stride: ", name], ["2", number], [" }", ink]],
    [["}", ink]],
    [["layer {", ink]],
    field(2, "name", '"fc6"', string),
    field(2, "top", '"fc6"', string),
  ].map((pieces, i) => code(34, 96 + i * 22, pieces)),
  chip(230, 96 + 4 * 22, "32 x 6 x 6"),
  chip(230, 96 + 9 * 22, "64"),
]);

/** Cells of a picture with rings of zeros around it. */
function padded(x, y, cells, size) {
  const parts = [];
  for (let row = -1; row <= cells; row++) {
    for (let column = -1; column <= cells; column++) {
      const zero = row < 0 || column < 0 || row === cells || column === cells;
      parts.push(rect(x + (column + 1) * size, y + (row + 1) * size, size, size, zero ? "none" : blue, zero ? `stroke="${warning}" stroke-dasharray="2 2"` : `fill-opacity="0.25" stroke="${blue}"`));
      if (zero && size > 15) parts.push(text(x + (column + 1.5) * size, y + (row + 1.5) * size + 4.5, "0", warning, 'text-anchor="middle"'));
    }
  }
  return parts;
}

picture("findings", 380, "A finding: on a patch, padding surrounds every patch; on an image, only its edge", [
  card(10, 10, 540, 130),
  code(34, 42, field(0, "name", '"conv1"', string)),
  code(34, 64, [["convolution_param { ", ink], ["kernel_size: ", name], ["3 ", number], ["pad: ", name], ["1", number], [" }", ink]]),
  `<path d="M${34 + 35 * 7.9} 69 ${"q3 -4 6 0 t6 0 ".repeat(5)}" fill="none" stroke="${warning}" stroke-width="1.5"/>`,
  said(34, 96, "conv1 pads its input by 1. On a patch, zeros surround every patch;", warning),
  said(34, 116, "on a whole image, only its edge, so the output will differ.", warning),
  padded(60, 190, 4, 24),
  said(132, 362, "a patch", ink, 'text-anchor="middle"'),
  padded(330, 166, 14, 11),
  rect(330 + 11 * 6, 166 + 11 * 6, 44, 44, "none", `stroke="${ink}" stroke-width="2"`),
  said(418, 362, "the same patch in an image", ink, 'text-anchor="middle"'),
]);

const change = (x, y, mark, words) => [text(x, y, mark, mark === "+" ? green : red), text(x + 18, y, words, mark === "+" ? green : red, 'xml:space="preserve"')];
const block = (x, y, rows, columns, size, fill) =>
  Array.from({ length: rows * columns }, (_, i) => rect(x + (i % columns) * size, y + Math.floor(i / columns) * size, size, size, fill, `fill-opacity="0.3" stroke="${fill}"`));

picture("convert", 370, "A fully connected layer becomes a convolution of the same numbers", [
  card(10, 10, 540, 176),
  change(34, 42, "-", 'name: "fc6"'),
  change(34, 64, "+", 'name: "fc6-conv"'),
  change(34, 86, "-", 'type: "InnerProduct"'),
  change(34, 108, "+", 'type: "Convolution"'),
  change(34, 130, "-", "inner_product_param { num_output: 64 }"),
  change(34, 152, "+", "convolution_param { num_output: 64 kernel_size: 6 }"),
  said(34, 176, "# comments and layout stay", faint),
  block(40, 262, 1, 18, 11, blue),
  said(139, 300, "one row of fc6: 1,152 weights", ink, 'text-anchor="middle"'),
  arrow(262, 268, 56),
  [3, 2, 1, 0].map((i) => block(390 + i * 7, 214 + i * 7, 6, 6, 15, blue)),
  said(447, 350, "one kernel: 32 x 6 x 6, the same numbers", ink, 'text-anchor="middle"'),
]);

/** How likely a place is the middle of something, on a made-up map of nuclei: 0 to 1. */
function probability(x, y) {
  const nuclei = [[40, 45, 26, 18], [118, 70, 20, 27], [190, 40, 24, 22], [75, 135, 25, 20], [165, 150, 30, 22], [215, 115, 17, 20]];
  return Math.max(...nuclei.map(([cx, cy, rx, ry]) => 1 / (1 + Math.exp(9 * (Math.hypot((x - cx) / rx, (y - cy) / ry) - 1)))));
}

function map(x, y, width, height, step) {
  const cells = [];
  for (let top = 0; top < height; top += step) {
    for (let left = 0; left < width; left += step) {
      const value = probability(left + step / 2, top + step / 2);
      if (value > 0.06) cells.push(rect(x + left, y + top, Math.min(step, width - left), Math.min(step, height - top), yellow, `fill-opacity="${value.toFixed(2)}" shape-rendering="crispEdges"`));
    }
  }
  return cells;
}

picture("preview", 330, "The preview: the quick map and the exact one side by side", [
  card(10, 10, 540, 310),
  said(34, 40, "nuclei32   patch 32 · stride 4", faint),
  rect(30, 56, 240, 190, theme("charts-foreground", "#888"), 'fill-opacity="0.12"'), map(30, 56, 240, 190, 20),
  rect(290, 56, 240, 190, theme("charts-foreground", "#888"), 'fill-opacity="0.12"'), map(290, 56, 240, 190, 5),
  said(150, 268, "simple, at once", ink, 'text-anchor="middle"'),
  said(410, 268, "exact, where you look first", ink, 'text-anchor="middle"'),
  `<circle cx="365" cy="191" r="6" fill="none" stroke="${ink}" stroke-width="2"/>`,
  card(378, 150, 148, 26),
  said(452, 167, "simple 0.42 · exact 0.91", ink, 'text-anchor="middle" textLength="134"'),
  rect(34, 292, 492, 6, theme("charts-foreground", "#888"), 'fill-opacity="0.25" rx="3"'),
  rect(34, 292, 310, 6, theme("progressBar-background", blue), 'rx="3"'),
]);

const target = (y, title, words) => [card(290, y, 250, 44), text(306, y + 27, title, blue), said(420, y + 27, words, ink)];
picture("export", 330, "The map and the net go on as files: PNG, TIFF, GeoJSON, ONNX, Caffe", [
  card(20, 66, 170, 150),
  map(26, 72, 158, 138, 5),
  said(105, 240, "the map", ink, 'text-anchor="middle"'),
  card(20, 262, 170, 44), text(105, 289, "deploy.prototxt", ink, 'text-anchor="middle"'),
  arrow(206, 140, 66), arrow(206, 284, 66),
  target(14, "PNG", "to look at"),
  target(72, "TIFF", "32-bit floats"),
  target(130, "GeoJSON", "for QuPath"),
  target(204, "ONNX", "other runtimes"),
  target(262, "Caffe", "_full files"),
]);
