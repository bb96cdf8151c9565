import { describe, expect, test } from "vitest";
import type { Inference } from "../../src/inference/client.ts";
import type { Session } from "../../src/inference/messages.ts";
import { keepSessions } from "../../src/inference/sessions.ts";
import { buildGraph } from "../../src/onnx/builder.ts";
import type { OnnxModel } from "../../src/onnx/model.ts";

/** An inference process that only notes what it is asked, in order. */
function notedInference(): { inference: Inference; asked: string[] } {
  const asked: string[] = [];
  let last = 0;
  const inference = {
    load: (_: unknown, { provider }: { provider: string }): Promise<Session> => {
      asked.push(`load ${++last} on ${provider}`);
      return Promise.resolve({ id: last, inputs: [], outputs: [] });
    },
    dispose: ({ id }: Session): Promise<void> => {
      asked.push(`dispose ${id}`);
      return Promise.resolve();
    },
  } as unknown as Inference;
  return { inference, asked };
}

const model = (): OnnxModel => buildGraph("net").finish();

describe("models that stay loaded", () => {
  test("one is loaded once, for each provider", async () => {
    const { inference, asked } = notedInference();
    const sessions = keepSessions(inference, 2);
    const [first, second] = await Promise.all([sessions.session("a", "cpu", model), sessions.session("a", "cpu", model)]);
    expect(second).toBe(first);
    expect((await sessions.session("a", "webgpu", model)).id).toBe(2);
    expect(asked).toEqual(["load 1 on cpu", "load 2 on webgpu"]);
  });

  test("the one not used for longest is freed, before another takes its memory", async () => {
    const { inference, asked } = notedInference();
    const sessions = keepSessions(inference, 2);
    for (const key of ["a", "b", "a", "c", "a", "b"]) await sessions.session(key, "cpu", model);
    expect(asked).toEqual(["load 1 on cpu", "load 2 on cpu", "dispose 2", "load 3 on cpu", "dispose 3", "load 4 on cpu"]);
  });

  test("one that cannot be built is tried again", async () => {
    const { inference, asked } = notedInference();
    const sessions = keepSessions(inference, 1);
    await expect(sessions.session("a", "cpu", () => { throw new Error("no"); })).rejects.toThrow("no");
    await sessions.session("a", "cpu", model);
    await expect(sessions.session("b", "cpu", () => Promise.reject(new Error("neither")))).rejects.toThrow("neither");
    await sessions.session("a", "cpu", model);
    expect(asked).toEqual(["load 1 on cpu", "dispose 1", "load 2 on cpu"]);
  });
});
