import { declareOver, type Declarations } from "./declarations.ts";
import { linkTypes } from "./link.ts";
import type { ProtoFile } from "./proto-file.ts";
import caffe from "./caffe.proto";
import deeplabV2 from "./dialects/deeplab-v2.proto";
import detection from "./dialects/detection.proto";
import intel from "./dialects/intel.proto";
import mobilenetYolo from "./dialects/mobilenet-yolo.proto";
import nvidia from "./dialects/nvidia.proto";
import pspnet from "./dialects/pspnet.proto";
import segnet from "./dialects/segnet.proto";
import ssd from "./dialects/ssd.proto";
import yolo from "./dialects/yolo.proto";

/** A Caffe: the original or one of its forks. */
export type DialectName = "bvlc" | "nvidia" | "intel" | "ssd" | "pspnet" | "deeplab-v2" | "segnet" | "mobilenet-yolo";

/** All dialects, the original first. */
export const dialectNames: readonly DialectName[] = ["bvlc", "nvidia", "intel", "ssd", "pspnet", "deeplab-v2", "segnet", "mobilenet-yolo"];

export type ScalarType = "int32" | "int64" | "uint32" | "uint64" | "float" | "double" | "bool" | "string" | "bytes";

export interface FieldSchema {
  readonly name: string;
  readonly number: number;
  readonly label: "optional" | "required" | "repeated";
  readonly type: ScalarType | MessageSchema | EnumSchema;
  /**
   * The value that holds where nothing is written: the one that the schema states, else proto2's (0, false, empty text, an enum's first
   * value). Enum values by name. Undefined for messages and repeated fields.
   */
  readonly default: number | string | boolean | undefined;
  /** True where the schema states the default. */
  readonly hasDefault: boolean;
  readonly packed: boolean;
  /** True where Caffe still reads the field but has a successor for it. */
  readonly deprecated: boolean;
  /** What the field does, in one or two sentences of Markdown. */
  readonly doc: string;
  /** The message it is a field of. */
  readonly owner: MessageSchema;
}

export interface MessageSchema {
  readonly kind: "message";
  /** Full name: `PoolingParameter`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldSchema>;
  readonly byNumber: ReadonlyMap<number, FieldSchema>;
  readonly doc: string;
}

export interface EnumSchema {
  readonly kind: "enum";
  /** Full name: `PoolingParameter.PoolMethod`. */
  readonly name: string;
  readonly values: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
  /** What each value means. */
  readonly docs: ReadonlyMap<string, string>;
  readonly doc: string;
}

/** The messages and enums of a dialect, by full name. */
export interface Schema {
  readonly dialect: DialectName;
  /** The dialect's name in words: `NVIDIA Caffe`. */
  readonly title: string;
  readonly messages: ReadonlyMap<string, MessageSchema>;
  readonly enums: ReadonlyMap<string, EnumSchema>;
}

/** The schema of a dialect. Read on first use, then kept. */
export function schemaOf(dialect: DialectName): Schema {
  let schema = schemas.get(dialect);
  if (schema === undefined) {
    const { title, file } = sources[dialect];
    schema = { dialect, title, ...linkTypes(file === undefined ? base() : declare(file, base())) };
    schemas.set(dialect, schema);
  }
  return schema;
}

const schemas = new Map<DialectName, Schema>();

export function isMessage(type: FieldSchema["type"]): type is MessageSchema {
  return typeof type === "object" && type.kind === "message";
}

export function isEnum(type: FieldSchema["type"]): type is EnumSchema {
  return typeof type === "object" && type.kind === "enum";
}

const sources: Record<DialectName, { readonly title: string; readonly file?: string }> = {
  bvlc: { title: "BVLC Caffe" },
  nvidia: { title: "NVIDIA Caffe", file: "nvidia.proto" },
  intel: { title: "Intel Caffe", file: "intel.proto" },
  ssd: { title: "SSD Caffe", file: "ssd.proto" },
  pspnet: { title: "PSPNet Caffe", file: "pspnet.proto" },
  "deeplab-v2": { title: "DeepLab v2 Caffe", file: "deeplab-v2.proto" },
  segnet: { title: "SegNet Caffe", file: "segnet.proto" },
  "mobilenet-yolo": { title: "MobileNet-YOLO Caffe", file: "mobilenet-yolo.proto" },
};

/** What the dialects are written in, by file name; some import others. */
const files: Readonly<Record<string, () => ProtoFile>> = {
  "deeplab-v2.proto": deeplabV2,
  "detection.proto": detection,
  "intel.proto": intel,
  "mobilenet-yolo.proto": mobilenetYolo,
  "nvidia.proto": nvidia,
  "pspnet.proto": pspnet,
  "segnet.proto": segnet,
  "ssd.proto": ssd,
  "yolo.proto": yolo,
};

let bvlc: Declarations | undefined;

function base(): Declarations {
  return (bvlc ??= declareOver(new Map(), caffe(), declare));
}

function declare(file: string, below: Declarations): Declarations {
  return declareOver(below, files[file]!(), declare);
}
