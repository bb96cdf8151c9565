/** What the editor can do and allows. */
export interface Client {
  /** It answers `workspace/configuration`. */
  readonly configuration: boolean;
  /** It shows changes that need a confirmation. */
  readonly annotations: boolean;
  readonly snippets: boolean;
  /** It has the commands of the VS Code extension. */
  readonly commands: boolean;
  /** False in a workspace that is not trusted: files other than the open ones are left alone. */
  readonly trusted: boolean;
  readonly folders: readonly string[];
  /** Settings given at the start, for editors without `workspace/configuration`. */
  readonly settings: unknown;
  /** Address of the description of the diagnostic codes. */
  readonly rules: string | undefined;
}

/** `netsurgeon/status`, from the server after each look at a text: what can be done with it. */
export interface Status {
  readonly uri: string;
  readonly version: number;
  readonly isNet: boolean;
  readonly canConvert: boolean;
  readonly isLegacy: boolean;
}

/** `netsurgeon/net`: facts that commands ask their questions with. */
export interface NetFacts {
  /** Rows and columns of the image input; undefined where the net has none of known size. */
  readonly patch: readonly [number, number] | undefined;
  /** The model that belongs to the net, if one is found. */
  readonly weights: string | undefined;
  /** The first error, with its line, where the net has any. */
  readonly error: string | undefined;
  readonly canConvert: boolean;
}

/** `netsurgeon/convert`. The sizes are those of the image; half a patch is added on every side for the mirrored edge. */
export interface ConvertParams {
  readonly uri: string;
  readonly imageSize: readonly [number, number] | undefined;
  readonly weights: string | undefined;
  readonly out: string;
  readonly outWeights: string | undefined;
  readonly overwrite: boolean;
  readonly workDoneToken?: string | number;
}

/** What came of a conversion: the reasons where nothing could be written, else what was done and what the output will still differ by. */
export type ConvertResult = { readonly refused: string } | { readonly done: readonly string[]; readonly obstacles: readonly string[] };

/** `netsurgeon/upgrade`: the text in the current format, or why not. */
export type UpgradeResult = { readonly refused: string } | { readonly text: string; readonly changes: number };

/** `netsurgeon/checkWeights`: the verdict and the findings, as sentences. */
export interface WeightsResult {
  readonly weights: string;
  readonly verdict: "same net" | "needs surgery" | "different nets";
  readonly findings: readonly string[];
}
