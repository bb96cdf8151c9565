import { randomNumbers } from "../support/patch-net.ts";

/** A patch classifier made up at random, as text. */
export interface RandomNet {
  readonly text: string;
  readonly patch: readonly [channels: number, rows: number, columns: number];
  readonly input: string;
}

interface Blob {
  readonly name: string;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  /** As the net holds it: an image, an image laid out as a vector, or a true vector. */
  readonly form: "image" | "laid-out" | "vector";
}

/** A random net without padding and without pooling windows over the edge, so that its conversion must be exact. */
export function randomNet(seed: number): RandomNet {
  const random = randomNumbers(seed * 2654435761);
  for (let i = 0; i < 4; i++) random();
  const below = (n: number): number => Math.floor(random() * n);
  const chance = (p: number): boolean => random() < p;
  const pick = <T>(...from: readonly T[]): T => from[below(from.length)]!;
  const v1 = chance(0.25);
  const layers: string[] = [];
  let number = 0;
  const types: Record<string, string> = { Convolution: "CONVOLUTION", Pooling: "POOLING", InnerProduct: "INNER_PRODUCT", ReLU: "RELU", Dropout: "DROPOUT", LRN: "LRN", TanH: "TANH", Sigmoid: "SIGMOID", Softmax: "SOFTMAX", Concat: "CONCAT", Eltwise: "ELTWISE", Flatten: "FLATTEN", Power: "POWER", Slice: "SLICE", Split: "SPLIT" };
  const emit = (type: string, bottoms: readonly string[], top: string, more = "", name = `${type.toLowerCase()}${++number}`): string => {
    const wires = `${bottoms.map((bottom) => `bottom: "${bottom}"`).join(" ")} top: "${top}"`;
    layers.push(v1 ? `layers { name: "${name}" type: ${types[type]} ${wires} ${more} } # ${name}` : `layer {\n  name: "${name}"\n  type: "${type}"\n  ${wires}\n  ${more}\n}`);
    return name;
  };
  const make = (type: string, bottoms: readonly string[], more = ""): string => {
    const name = `${type.toLowerCase()}${++number}`;
    const top = chance(0.15) ? `${name}_out` : name;
    emit(type, bottoms, top, more, name);
    return top;
  };
  /** A layer that keeps shapes; in place at times. */
  const keep = (type: string, blob: Blob, more = ""): Blob => {
    if (chance(0.6)) {
      emit(type, [blob.name], blob.name, more);
      return blob;
    }
    return { ...blob, name: make(type, [blob.name], more) };
  };

  const convolve = (blob: Blob): Blob => {
    const kernel = [1 + below(Math.min(3, blob.rows)), 1 + below(Math.min(3, blob.columns))] as const;
    const dilation = !v1 && chance(0.2) && blob.rows > 2 * kernel[0] && blob.columns > 2 * kernel[1] ? 2 : 1;
    const stride = [chance(0.3) ? 2 : 1, chance(0.3) ? 2 : 1] as const;
    const group = chance(0.2) && blob.channels % 2 === 0 ? 2 : 1;
    const outputs = group * (1 + below(3));
    const size = (n: number, i: 0 | 1): number => Math.floor((n - dilation * (kernel[i] - 1) - 1) / stride[i]) + 1;
    const fields = `convolution_param { num_output: ${outputs} kernel_h: ${kernel[0]} kernel_w: ${kernel[1]} stride_h: ${stride[0]} stride_w: ${stride[1]} group: ${group} ${dilation > 1 ? "dilation: 2" : ""} ${chance(0.2) ? "bias_term: false" : ""} }`;
    return { ...blob, name: make("Convolution", [blob.name], fields), channels: outputs, rows: size(blob.rows, 0), columns: size(blob.columns, 1) };
  };
  const pool = (blob: Blob): Blob => {
    const kernel = [1 + below(Math.min(3, blob.rows)), 1 + below(Math.min(3, blob.columns))] as const;
    const stride = [1 + below(3), 1 + below(3)] as const;
    const fits = (blob.rows - kernel[0]) % stride[0] === 0 && (blob.columns - kernel[1]) % stride[1] === 0;
    const size = (n: number, i: 0 | 1): number => Math.floor((n - kernel[i]) / stride[i]) + 1;
    if (!fits && v1) return blob;
    const fields = `pooling_param { pool: ${pick("MAX", "AVE")} kernel_h: ${kernel[0]} kernel_w: ${kernel[1]} stride_h: ${stride[0]} stride_w: ${stride[1]} ${fits ? "" : "round_mode: FLOOR"} }`;
    return { ...blob, name: make("Pooling", [blob.name], fields), rows: size(blob.rows, 0), columns: size(blob.columns, 1) };
  };
  const pointwise = (blob: Blob): Blob => {
    const anyForm = ["ReLU", "TanH", "Sigmoid", "Dropout", "Power"] as const;
    const perChannel = ["BatchNorm", "Scale", "PReLU", "Bias"] as const;
    const type = pick(...anyForm, ...(blob.form === "laid-out" || v1 ? [] : perChannel), ...(blob.form === "image" ? (["LRN"] as const) : []));
    const negative = blob.form === "vector" && chance(0.3) ? "axis: -1" : "";
    const param = {
      Power: "power_param { scale: 0.5 shift: 0.25 }",
      Scale: `scale_param { bias_term: ${chance(0.5)} ${negative} }`,
      Bias: `bias_param { ${negative} }`,
      LRN: "lrn_param { local_size: 3 alpha: 0.5 }",
      PReLU: chance(0.3) ? "prelu_param { channel_shared: true }" : "",
    }[type as string];
    // Only types that Caffe computes well in place.
    return type === "LRN" ? { ...blob, name: make("LRN", [blob.name], param) } : keep(type, blob, param);
  };
  const twin = (blob: Blob): Blob => {
    const more = (outputs: number): string => `convolution_param { num_output: ${outputs} kernel_size: 1 }`;
    const [a, b] = [1 + below(3), 1 + below(3)];
    if (chance(0.5)) {
      const tops = [make("Convolution", [blob.name], more(a)), make("Convolution", [blob.name], more(b))];
      return { ...blob, name: make("Concat", tops), channels: a + b };
    }
    const tops = [make("Convolution", [blob.name], more(a)), make("Convolution", [blob.name], more(a))];
    return { ...blob, name: make("Eltwise", tops, `eltwise_param { operation: ${pick("SUM", "MAX", "PROD")} }`), channels: a };
  };
  const flatten = (blob: Blob): Blob => {
    if (v1 || chance(0.5)) return { ...blob, name: make("Flatten", [blob.name], v1 || chance(0.5) ? "" : "flatten_param { axis: 1 end_axis: -1 }"), form: "laid-out" };
    const reshaped = pick("dim: 0 dim: -1", `dim: 1 dim: ${blob.channels * blob.rows * blob.columns}`, "dim: 0 dim: -1 dim: 1 dim: 1");
    return { ...blob, name: make("Reshape", [blob.name], `reshape_param { shape { ${reshaped} } }`), form: "laid-out" };
  };
  let shares = 0;
  const product = (blob: Blob, outputs = 1 + below(5), share = ""): Blob => {
    const transpose = !v1 && chance(0.3);
    const fields = `${share} inner_product_param { num_output: ${outputs} ${transpose ? "transpose: true" : ""} ${chance(0.2) ? "bias_term: false" : ""} ${chance(0.2) && !v1 ? "axis: 1" : ""} weight_filler { type: "xavier" } }`;
    return { name: make("InnerProduct", [blob.name], fields), channels: outputs, rows: 1, columns: 1, form: "vector" };
  };
  const heads = (blob: Blob): Blob => {
    // Several InnerProducts on one blob, joined again; at times with the same weights.
    const outputs = 1 + below(4);
    const share = !v1 && chance(0.4) ? `param { name: "w${++shares}" } param { name: "b${shares}" }` : "";
    const shared = (): string => {
      const fields = `${share} inner_product_param { num_output: ${outputs} }`;
      return make("InnerProduct", [blob.name], fields);
    };
    const tops = [shared(), shared(), ...(chance(0.3) ? [shared()] : [])];
    const join = chance(0.5);
    const axis = !v1 && chance(0.3) ? "concat_param { axis: -1 }" : "";
    const name = join ? make("Concat", tops, axis) : make("Eltwise", tops, `eltwise_param { operation: ${pick("SUM", "MAX")} }`);
    return { name, channels: join ? outputs * tops.length : outputs, rows: 1, columns: 1, form: "vector" };
  };

  const patch = [1 + below(3), 5 + below(12), 5 + below(12)] as const;
  const dims = [1, ...patch].map((dim) => `dim: ${dim}`).join(" ");
  const input = pick("data", "image");
  const start = v1
    ? `input: "${input}"\n${[1, ...patch].map((dim) => `input_dim: ${dim}\n`).join("")}`
    : pick(
        `layer { name: "in" type: "Input" top: "${input}" input_param { shape { ${dims} } } }\n`,
        `input: "${input}"\ninput_shape { ${dims} }\n`,
        `input: "${input}"\n${[1, ...patch].map((dim) => `input_dim: ${dim}\n`).join("")}`,
      );
  let blob: Blob = { name: input, channels: patch[0], rows: patch[1], columns: patch[2], form: "image" };
  for (let i = below(6); i > 0; i--) blob = pick(convolve, convolve, pool, pointwise, pointwise, twin)(blob);
  if (blob.name === input) blob = convolve(blob);
  const isGlobal = !v1 && chance(0.2);
  if (isGlobal) blob = { ...blob, name: make("Pooling", [blob.name], `pooling_param { pool: ${pick("MAX", "AVE")} global_pooling: true }`), rows: 1, columns: 1 };
  if (chance(0.4)) {
    blob = flatten(blob);
    if (chance(0.4)) blob = pointwise(blob);
  }
  const stack = 1 + below(3);
  for (let i = 0; i < stack; i++) {
    blob = chance(0.3) ? heads(blob) : product(blob);
    if (chance(0.5)) blob = pointwise(blob);
    if (chance(0.15) && i < stack - 1) blob = flatten({ ...blob });
    if (blob.form === "laid-out") blob = { ...blob, form: "vector" };
  }
  if (chance(0.7)) {
    const last = product(blob, 2 + below(3));
    if (chance(0.6)) make("Softmax", [last.name], chance(0.3) && !v1 ? "softmax_param { axis: -1 }" : "");
  }
  return { text: `name: "random${seed}"\n${start}${layers.join("\n")}\n`, patch, input };
}
