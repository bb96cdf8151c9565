import type { TextEdit } from "../text/edit.ts";
import { isMessage } from "../schema/schema.ts";
import type { Layer } from "../net/net.ts";
import type { Analysis } from "./analysis.ts";
import { mentions, nameAt, type NetName } from "./names.ts";

/** The edits of a renaming. */
export interface Rename {
  readonly edits: readonly TextEdit[];
  /** What the user should agree to first. */
  readonly warning: string | undefined;
}

/** A renaming that cannot be: the reason. */
export interface RenameRefusal {
  readonly refused: string;
}

/** The name at an offset as it can be renamed; undefined where there is none. */
export function renamable(analysis: Analysis, offset: number): (NetName & { start: number; end: number }) | undefined {
  return nameAt(analysis, offset);
}

/**
 * A new name for the blob, layer or shared values at an offset, everywhere: a blob through all layers that change it in place, in all phases.
 * Refused where two things would come to have one name.
 */
export function renameAt(analysis: Analysis, offset: number, newName: string): Rename | RenameRefusal | undefined {
  const name = nameAt(analysis, offset);
  if (name === undefined) return undefined;
  if (newName === name.name) return { edits: [], warning: undefined };
  if (newName.trim() === "" || /["'\\\r\n]/.test(newName)) return { refused: "A name is not empty and holds no quotes, backslashes or line ends." };
  if (mentions(analysis, { kind: name.kind, name: newName }).length > 0) {
    const kinds = { blob: "blob", layer: "layer", param: "shared param" };
    return { refused: `There is a ${kinds[name.kind]} named '${newName}' already.` };
  }
  const edits = mentions(analysis, name).map(({ start, end }) => ({ start, end, text: newName }));
  const binds = name.kind === "layer" && analysis.net.layers.some((layer) => layer.name === name.name && learns(analysis, layer));
  return {
    edits,
    warning: binds ? `Caffe finds weights by layer name: '${newName}' will not get the weights that a model holds for '${name.name}'.` : undefined,
  };
}

/** True where a layer has weights, or may have: of one whose shapes are not known, its parameters tell. */
function learns({ shapes }: Analysis, { index, definition, message }: Layer): boolean {
  if (shapes.determined[index] === true) return shapes.layers[index]!.params.length > 0;
  if (definition === undefined || message.has("param")) return true;
  return definition.params.some((name) => {
    const type = message.schema.fields.get(name)?.type;
    return type !== undefined && isMessage(type) && (type.fields.has("weight_filler") || type.fields.has("filler"));
  });
}
