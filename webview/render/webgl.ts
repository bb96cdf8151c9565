import type { Region } from "../raster.ts";
import type { Drawing, DrawnPane, Renderer } from "./drawing.ts";
import { levelFor } from "./drawing.ts";
import { fragmentShader, vertexShader } from "./shader.ts";
import type { Tile } from "./textures.ts";
import { intersection, textures, tileSide } from "./textures.ts";

/** A renderer on the graphics card, or undefined where the canvas has no WebGL2. */
export function webglRenderer(canvas: HTMLCanvasElement): Renderer | undefined {
  const gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, stencil: false });
  if (gl === null) return undefined;
  const set = uniforms(gl, link(gl));
  const store = textures(gl);
  const palettes = new Map<Uint8Array, WebGLTexture>();
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.enable(gl.SCISSOR_TEST);
  for (const [unit, name] of ["picture", "front", "back", "colours"].entries()) set.integer(name, unit);
  let fence: WebGLSync | undefined;
  return { kind: "webgl", draw, isDone, changed: store.changed, release: store.release };

  function draw(drawing: Drawing): void {
    if (gl!.isContextLost()) return;
    gl!.viewport(0, 0, drawing.width, drawing.height);
    gl!.scissor(0, 0, drawing.width, drawing.height);
    const [red, green, blue] = drawing.background;
    gl!.clearColor(red / 255, green / 255, blue / 255, 1);
    gl!.clear(gl!.COLOR_BUFFER_BIT);
    set.triple("background", red / 255, green / 255, blue / 255);
    set.number("viewHeight", drawing.height);
    set.number("ratio", drawing.ratio);
    for (const pane of drawing.panes) drawPane(drawing, pane);
    if (fence !== undefined) gl!.deleteSync(fence);
    fence = gl!.fenceSync(gl!.SYNC_GPU_COMMANDS_COMPLETE, 0) ?? undefined;
    gl!.flush();
  }

  function isDone(): boolean {
    return fence === undefined || gl!.isContextLost() || gl!.getSyncParameter(fence, gl!.SYNC_STATUS) === gl!.SIGNALED;
  }

  function drawPane(drawing: Drawing, pane: DrawnPane): void {
    const { level, step, smooth } = levelFor(pane.step, pane.picture.levels.length);
    const { width, height } = pane.picture.levels[level]!;
    set.pair("corner", pane.left, pane.top);
    set.number("pixelStep", step);
    set.number("line", drawing.ratio * step);
    for (const name of ["low", "high", "opacity", "threshold"] as const) set.number(name, pane[name]);
    for (const name of ["difference", "contour", "above"] as const) set.integer(name, Number(pane[name]));
    set.integer("smoothly", Number(smooth));
    set.integer("hasFront", Number(pane.front !== undefined));
    set.integer("hasBack", Number(pane.back !== undefined));
    bind(3, palette(pane.colours));
    // The first and last tile in sight, then each cut to the device pixels whose middles are on it.
    const columns = span(pane.left, step, pane.clip.left, pane.clip.width, width);
    const rows = span(pane.top, step, pane.clip.top, pane.clip.height, height);
    for (let row = rows.first; row <= rows.last; row++) {
      for (let column = columns.first; column <= columns.last; column++) {
        const across = edges(column, width, pane.left, step);
        const down = edges(row, height, pane.top, step);
        const part = intersection({ left: across.from, top: down.from, width: across.to - across.from, height: down.to - down.from }, pane.clip);
        if (part === undefined) continue;
        const tile = store.tile(pane.picture, level, column, row);
        bind(0, tile.texture, smooth ? gl!.LINEAR : gl!.NEAREST);
        if (pane.front !== undefined) bind(1, store.tile(pane.front, level, column, row).texture);
        if (pane.back !== undefined) bind(2, store.tile(pane.back, level, column, row).texture);
        drawTile(drawing, tile, part);
      }
    }
  }

  function drawTile(drawing: Drawing, tile: Tile, part: Region): void {
    set.integers("tileOrigin", tile.left, tile.top);
    set.integers("tileSize", tile.width, tile.height);
    gl!.scissor(part.left, drawing.height - part.top - part.height, part.width, part.height);
    gl!.drawArrays(gl!.TRIANGLES, 0, 3);
  }

  function bind(unit: number, texture: WebGLTexture, filter?: number): void {
    gl!.activeTexture(gl!.TEXTURE0 + unit);
    gl!.bindTexture(gl!.TEXTURE_2D, texture);
    if (filter === undefined) return;
    gl!.texParameteri(gl!.TEXTURE_2D, gl!.TEXTURE_MIN_FILTER, filter);
    gl!.texParameteri(gl!.TEXTURE_2D, gl!.TEXTURE_MAG_FILTER, filter);
  }

  function palette(colours: Uint8Array): WebGLTexture {
    const known = palettes.get(colours);
    if (known !== undefined) return known;
    const texture = gl!.createTexture();
    bind(3, texture, gl!.NEAREST);
    gl!.texImage2D(gl!.TEXTURE_2D, 0, gl!.RGB8, 256, 1, 0, gl!.RGB, gl!.UNSIGNED_BYTE, colours);
    palettes.set(colours, texture);
    return texture;
  }
}

/** The tiles along one axis that a stretch of device pixels shows. */
function span(left: number, step: number, from: number, length: number, size: number): { first: number; last: number } {
  const last = Math.ceil(size / tileSide) - 1;
  return {
    first: Math.max(Math.floor(((from - left) * step) / tileSide), 0),
    last: Math.min(Math.floor(((from - left + length) * step) / tileSide), last),
  };
}

/** The device pixels along one axis whose middles are on a tile. */
function edges(index: number, size: number, left: number, step: number): { from: number; to: number } {
  const device = (place: number): number => left + Math.ceil(place / step - 0.5);
  return { from: device(index * tileSide), to: device(Math.min((index + 1) * tileSide, size)) };
}

interface Uniforms {
  number(name: string, value: number): void;
  pair(name: string, x: number, y: number): void;
  triple(name: string, x: number, y: number, z: number): void;
  integer(name: string, value: number): void;
  integers(name: string, x: number, y: number): void;
}

function uniforms(gl: WebGL2RenderingContext, program: WebGLProgram): Uniforms {
  const places = new Map<string, WebGLUniformLocation | null>();
  const place = (name: string): WebGLUniformLocation | null => {
    if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
    return places.get(name)!;
  };
  return {
    number: (name, value) => { gl.uniform1f(place(name), value); },
    pair: (name, x, y) => { gl.uniform2f(place(name), x, y); },
    triple: (name, x, y, z) => { gl.uniform3f(place(name), x, y, z); },
    integer: (name, value) => { gl.uniform1i(place(name), value); },
    integers: (name, x, y) => { gl.uniform2i(place(name), x, y); },
  };
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, vertexShader], [gl.FRAGMENT_SHADER, fragmentShader]] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost()) {
    throw new Error(gl.getProgramInfoLog(program) ?? "the shader does not link");
  }
  gl.useProgram(program);
  return program;
}
