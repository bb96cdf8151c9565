// Prints the seconds of a product of two matrices, the mean of several, as onnxruntime gives it to any Node program: `node matrix.mjs MODEL.onnx SIDE TIMES`.
// The model takes one matrix, `a`.
import { InferenceSession, Tensor } from "onnxruntime-node";

const [model, side, times] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const session = await InferenceSession.create(model);
const a = new Tensor("float32", Float32Array.from({ length: side * side }, (_, i) => (i % 17) / 17), [side, side]);
// The first run sets the buffers up.
await session.run({ a });
const start = performance.now();
for (let i = 0; i < times; i++) await session.run({ a });
console.log((performance.now() - start) / 1000 / times);
