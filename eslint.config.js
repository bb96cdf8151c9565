import js from "@eslint/js";
import tseslint from "typescript-eslint";

/**
 * The rooms of the engine, and what each may import from the others. The flow of ARCHITECTURE.md is this table:
 * an import it does not list fails `npm run lint`.
 */
const rooms = {
  text: [],
  schema: [],
  image: ["text"],
  prototxt: ["text", "schema"],
  layers: ["text", "schema", "prototxt"],
  net: ["text", "schema", "prototxt", "layers"],
  lint: ["text", "schema", "prototxt", "layers", "net"],
  weights: ["text", "schema", "prototxt", "layers", "net"],
  surgery: ["text", "schema", "prototxt", "layers", "net", "lint", "weights"],
  ide: ["text", "schema", "prototxt", "layers", "net", "lint", "weights", "surgery"],
  onnx: ["text", "schema", "prototxt", "layers", "net", "weights", "surgery"],
  dense: ["text", "layers", "net", "weights", "surgery", "onnx", "image"],
  inference: ["text", "schema", "prototxt", "layers", "net", "lint", "weights", "surgery", "onnx", "dense", "image"],
  preview: ["text", "schema", "prototxt", "layers", "net", "lint", "weights", "surgery", "ide", "onnx", "dense", "image", "inference"],
};
const engine = Object.keys(rooms);

/** Packages that belong to one place, and the pattern of the files that may import them. */
const shellOnly = [
  { name: "vscode", message: "Only client/ talks to VS Code." },
  { regex: "^vscode-languageserver", message: "Only server/ speaks the language server protocol." },
  { regex: "^vscode-languageclient", message: "Only client/ speaks the language client protocol." },
];
const runtimeOnly = { regex: "^onnxruntime", message: "Only the inference process (src/inference/models.ts) loads onnxruntime." };

function restrict(patterns, paths = []) {
  return { "no-restricted-imports": ["error", { paths, patterns }] };
}

const roomRules = engine.map((room) => {
  const forbidden = [...engine.filter((other) => other !== room && !rooms[room].includes(other)), "cli"];
  return {
    files: [`src/${room}/**/*.ts`],
    ignores: ["src/inference/models.ts"],
    rules: restrict(
      [
        { regex: `^(\\.\\./)+(${forbidden.join("|")})/`, message: `src/${room} may import only: ${rooms[room].join(", ") || "nothing"}.` },
        { regex: "^(\\.\\./)+(client|server|webview|test)/", message: "The engine knows no shell." },
        ...shellOnly.filter((p) => p.regex),
        runtimeOnly,
      ],
      shellOnly.filter((p) => p.name),
    ),
  };
});

/** The browser shell: of the engine it takes what is pure and small. */
const webviewRules = {
  files: ["webview/**/*.ts"],
  rules: restrict(
    [
      { regex: "^(\\.\\./)+(client|server|test)/", message: "Shells do not import each other." },
      { regex: "^(\\.\\./)+src/(?!(text/words|image/colormap|image/resize|preview/messages)\\.ts$)", message: "webview/ may import of src: text/words, image/colormap, image/resize, preview/messages." },
      { regex: "^node:", message: "webview/ runs in a browser." },
      ...shellOnly.filter((p) => p.regex),
      runtimeOnly,
    ],
    shellOnly.filter((p) => p.name),
  ),
};

export default tseslint.config(
  { ignores: ["dist/", "build/", "node_modules/", "coverage/", "test/fixtures/", "samples/"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ["**/*.ts"] })),
  {
    files: ["**/*.ts"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/prefer-nullish-coalescing": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "max-lines": ["error", { max: 500 }],
    },
  },
  {
    files: ["**/*.mjs", "**/*.js"],
    languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly", Buffer: "readonly", performance: "readonly" } },
  },
  ...roomRules,
  webviewRules,
  {
    files: ["src/cli/**/*.ts"],
    rules: restrict(
      [{ regex: "^(\\.\\./)+(client|webview|test)/", message: "Shells do not import each other." }, ...shellOnly.filter((p) => p.regex), runtimeOnly],
      shellOnly.filter((p) => p.name),
    ),
  },
);
