import { describe, expect, it } from "vitest";
import { byScores, refine, sameOrder } from "./order";

const NOBODY = new Set<string>();

describe("an order by scores", () => {
  it("is best first", () => {
    const scores = new Map([
      ["a", 0.1],
      ["b", 0.9],
      ["c", 0.5],
    ]);
    expect(byScores(["a", "b", "c"], scores)).toEqual(["b", "c", "a"]);
  });

  it("leaves in place what was not judged, and keeps equals as they were", () => {
    const scores = new Map([
      ["a", 0.2],
      ["c", 0.7],
      ["d", 0.7],
    ]);
    expect(byScores(["a", "b", "c", "d"], scores)).toEqual(["c", "b", "d", "a"]);
    expect(byScores(["a", "b"], new Map())).toEqual(["a", "b"]);
  });
});

describe("refining what is shown", () => {
  it("takes the wanted order where nobody looks", () => {
    expect(refine(["a", "b", "c", "d"], ["d", "c", "b", "a"], NOBODY)).toEqual(["d", "c", "b", "a"]);
  });

  it("never moves what is held", () => {
    expect(refine(["a", "b", "c", "d", "e"], ["e", "d", "c", "b", "a"], new Set(["a", "b"]))).toEqual([
      "a",
      "b",
      "e",
      "d",
      "c",
    ]);
  });

  it("loses nobody and takes nobody in, whatever is wanted", () => {
    expect(refine(["a", "b", "c"], ["x", "c", "a"], NOBODY)).toEqual(["c", "b", "a"]);
    expect(refine(["a", "b", "c"], [], new Set(["b"]))).toEqual(["a", "b", "c"]);
  });

  it("ends at the wanted order once nothing is held", () => {
    const wanted = ["c", "a", "d", "b"];
    const held = refine(["a", "b", "c", "d"], wanted, new Set(["a", "b"]));
    expect(refine(held, wanted, NOBODY)).toEqual(wanted);
  });
});

it("orders are the same when each place is", () => {
  expect(sameOrder(["a", "b"], ["a", "b"])).toBe(true);
  expect(sameOrder(["a", "b"], ["b", "a"])).toBe(false);
  expect(sameOrder(["a"], ["a", "b"])).toBe(false);
});
