/** What a .proto file declares, in its order: made from the file when a program is bundled (`scripts/proto.mjs`). */
export interface ProtoFile {
  /** The files it imports. */
  readonly imports: readonly string[];
  /** Messages and enums; what is nested in a message comes after it. */
  readonly types: readonly (ProtoMessage | ProtoEnum)[];
}

interface ProtoType {
  /** Full name, such as `PoolingParameter.PoolMethod`. */
  readonly name: string;
  /** Its comment in one line, or nothing. */
  readonly doc: string;
  /** Names that the file takes away. */
  readonly reserved: readonly string[];
}

export interface ProtoMessage extends ProtoType {
  readonly kind: "message";
  readonly fields: readonly ProtoField[];
}

export interface ProtoEnum extends ProtoType {
  readonly kind: "enum";
  readonly values: readonly { readonly name: string; readonly number: number; readonly doc: string }[];
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  readonly label: "optional" | "required" | "repeated";
  /** A name, to be looked up from inside the message. */
  readonly type: string;
  /** The default that is stated; enum values by name. */
  readonly default?: number | string | boolean;
  readonly packed: boolean;
  readonly deprecated: boolean;
  readonly doc: string;
}
