import { describe, expect, test } from "vitest";
import { readDocument } from "../../src/net/document.ts";
import { readNet } from "../../src/net/net.ts";
import type { NetState } from "../../src/net/phase.ts";

const test0: NetState = { phase: "TEST", level: 0, stages: [] };

/** The states in which a layer with such rules is part of the net, of those that are tried. */
function checkRules(rules: string, state: Partial<NetState>, isIn: boolean): void {
  const net = readNet(readDocument(`layer { name: "x" type: "Silence" ${rules} }`), state);
  expect(net.layers.map((layer) => layer.name)).toEqual(isIn ? ["x"] : []);
  expect(net.excluded.map(({ message }) => message.text("name"))).toEqual(isIn ? [] : ["x"]);
}

describe("which layers a state has", () => {
  test.each<[string, Partial<NetState>, boolean]>([
    ["", {}, true],
    ["include { }", {}, true],
    ["exclude { }", {}, false],
    ["include { phase: TEST }", {}, true],
    ["include { phase: TRAIN }", {}, false],
    ["include { phase: TRAIN }", { phase: "TRAIN" }, true],
    ["exclude { phase: TRAIN }", { phase: "TRAIN" }, false],
    ["exclude { phase: TRAIN }", {}, true],
    ["include { phase: TRAIN } include { stage: 'a' }", { stages: ["a"] }, true],
    ["exclude { phase: TRAIN } exclude { stage: 'a' }", { stages: ["a"] }, false],
    ["include { stage: 'a' stage: 'b' }", { stages: ["a"] }, false],
    ["include { stage: 'a' stage: 'b' }", { stages: ["b", "c", "a"] }, true],
    ["include { not_stage: 'a' not_stage: 'b' }", { stages: ["b"] }, false],
    ["include { not_stage: 'a' }", {}, true],
    ["include { stage: 'a' not_stage: 'b' }", { stages: ["a", "b"] }, false],
    ["include { min_level: 1 }", {}, false],
    ["include { min_level: 1 }", { level: 1 }, true],
    ["include { max_level: 1 }", { level: 2 }, false],
    ["include { max_level: -1 }", { level: -1 }, true],
    ["include { min_level: 1 max_level: 3 phase: TEST }", { level: 2 }, true],
    ["include { phase: 0 }", { phase: "TRAIN" }, true],
  ])("%s in %j", (rules, state, isIn) => {
    checkRules(rules, state, isIn);
  });
});

describe("the state of a net", () => {
  const stateOf = (text: string, state?: Partial<NetState>): NetState => readNet(readDocument(text), state).state;
  test("is TEST, level 0, without stages, unless the caller says otherwise", () => {
    expect(stateOf("")).toEqual(test0);
    expect(stateOf("", { phase: "TRAIN", level: 2 })).toEqual({ phase: "TRAIN", level: 2, stages: [] });
  });
  test("takes stages from the text, phase and level from the caller", () => {
    expect(stateOf("state { phase: TRAIN level: 3 stage: 'a' stage: 'b' }", { stages: ["b", "c"] })).toEqual({ ...test0, stages: ["a", "b", "c"] });
  });
  test("a layer's own phase is kept", () => {
    const net = readNet(readDocument('layer { name: "a" type: "Silence" phase: TRAIN } layer { name: "b" type: "Silence" }'));
    expect(net.layers.map((layer) => layer.phase)).toEqual(["TRAIN", "TEST"]);
  });
});

test("include and exclude together are refused, and include counts", () => {
  const text = 'layer { name: "x" type: "Silence" include { phase: TEST } exclude { phase: TEST } }';
  const { diagnostics, layers } = readNet(readDocument(text));
  expect(diagnostics.filter((d) => d.code === "include-and-exclude").map((d) => text.slice(d.start, d.end))).toEqual(["exclude { phase: TEST }"]);
  expect(layers.length).toBe(1);
});
