import type { Schema } from "@venuefinder/client";
import { describe, expect, it } from "vitest";
import { chips, relaxed } from "./chips";
import { EMPTY } from "./state";

type Part = Schema<"PartAnswer">;
const Q = "ballroom for 150 guests under £5k near Cambridge, no camping";
const STATE = { ...EMPTY, q: Q };

function part(text: string, kind: Part["kind"], meaning: Part["meaning"], more: Partial<Part> = {}): Part {
  const start = Q.indexOf(text);
  const span: [number, number] = [start, start + text.length];
  return { text, span, kind, meaning, applied: true, note: null, candidates: [], ...more };
}

const GUESTS = part("for 150 guests", "guests", { guests: 150 });
const PRICE = part("under £5k", "price", { price: { max: 5000 } });
const KIND = part("ballroom", "kind", { kind: "ballroom" }, { applied: false, note: "looked for" });
const NEGATION = part("no camping", "negation", { negative: "camping", amenities: { none: ["camping"] } });

describe("a part that was understood", () => {
  it("can be taken back, and understood again", () => {
    const [chip] = chips(STATE, [GUESTS]);
    expect(chip).toMatchObject({ text: "for 150 guests", state: "filter", edits: "guests" });
    const without = chip?.without;
    expect(without?.off).toEqual([[9, 23]]);
    const [off] = chips(without ?? EMPTY, [{ ...GUESTS, applied: false, note: "switched off" }]);
    expect(off).toMatchObject({ state: "off", again: { off: [] } });
  });

  it("gives way to a filter that says it in its place", () => {
    const all = chips({ ...STATE, guests: 200, layout: "theatre" }, [{ ...GUESTS, applied: false }]);
    expect(all.map((chip) => chip.text)).toEqual(["200 guests, theatre style"]);
    expect(all[0]?.without).not.toHaveProperty("guests");
    expect(all[0]?.without).not.toHaveProperty("layout");
  });

  it("that is only looked for may be insisted on", () => {
    const [chip] = chips(STATE, [KIND]);
    expect(chip).toMatchObject({ state: "looked", insist: { kind: "ballroom" } });
    expect(chips({ ...STATE, kind: "ballroom" }, [KIND]).map((one) => one.text)).toEqual(["kind: ballroom"]);
  });

  it("that may mean several places asks which", () => {
    const candidates = [{ name: "Cambridge, GB", latitude: 52.2, longitude: 0.1 }];
    const [chip] = chips(STATE, [part("near Cambridge", "place", {}, { applied: false, candidates })]);
    expect(chip).toMatchObject({ state: "unclear", candidates: [{ name: "Cambridge, GB" }] });
    expect(chip?.candidates[0]?.chosen.place).toBe("Cambridge, GB");
  });
});

describe("filters that were given", () => {
  it("have a chip each, in words", () => {
    const state = { ...EMPTY, place: "Bath", radius: 30, min: 1000, max: 5000, hours: 6, has: ["wifi", "parking"] };
    expect(chips(state, []).map((chip) => chip.text)).toEqual([
      "within 30 km of Bath",
      "£1,000 to £5,000 for 6 hours",
      "has wifi",
      "has parking",
    ]);
  });

  it("go one at a time", () => {
    const state = { ...EMPTY, max: 5000, has: ["wifi", "parking"] };
    const [price, wifi] = chips(state, []);
    expect(price?.without).toEqual({ ...EMPTY, has: ["wifi", "parking"] });
    expect(wifi?.without?.has).toEqual(["parking"]);
  });
});

describe("what is in the way", () => {
  it("is let go of, whether it was given or understood", () => {
    expect(relaxed({ ...STATE, guests: 200 }, "guests", [])).not.toHaveProperty("guests");
    expect(relaxed(STATE, "price", [GUESTS, PRICE])?.off).toEqual([[24, 33]]);
    expect(relaxed(STATE, "amenities.none.camping", [NEGATION])?.off).toEqual([NEGATION.span]);
    expect(relaxed({ ...STATE, has: ["wifi", "bar"] }, "amenities.all.wifi", [NEGATION])).toMatchObject({
      has: ["bar"],
      off: [],
    });
  });

  it("may be all filters together", () => {
    const next = relaxed({ ...STATE, kind: "barn", has: ["wifi"] }, "filters", [GUESTS, PRICE]);
    expect(next).toMatchObject({ has: [], off: [GUESTS.span, PRICE.span] });
    expect(next).not.toHaveProperty("kind");
  });

  it("is nothing the page can let go of where it says nothing of it", () => {
    expect(relaxed(STATE, "box", [])).toBeUndefined();
  });
});
