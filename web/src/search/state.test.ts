import { describe, expect, it } from "vitest";
import { changed, EMPTY, onlyUnwanted, read, request, type SearchState, write } from "./state";

const FULL: SearchState = {
  ...EMPTY,
  q: "a barn for 120 guests, £5k & more",
  guests: 120,
  layout: "seated",
  place: "Cambridge, GB",
  radius: 30,
  max: 5000,
  min: 99.5,
  currency: "EUR",
  hours: 6.5,
  kind: "barn",
  city: "Bath",
  has: ["wifi", "step-free access"],
  off: [[7, 21]],
  pictures: [
    { photo: 17, weight: 1 },
    { photo: 23, weight: -0.5 },
    { upload: "kX2n6V4rQm0T9sJdYbE1cA", weight: 2 },
  ],
  sort: "-price",
  strict: true,
  closer: true,
  shown: 72,
  weak: true,
};

describe("the address", () => {
  it("gives back the state it was made of", () => {
    expect(read(write(FULL))).toEqual(FULL);
    expect(read(write(EMPTY))).toEqual(EMPTY);
    expect(write(EMPTY)).toBe("");
  });

  it.each([
    ["a layout without guests", "?layout=seated"],
    ["no number of guests", "?guests=many"],
    ["none at all", "?guests=0"],
    ["an order that is none", "?sort=beauty"],
    ["a span that ends before it begins", "?off=21-7"],
    ["a picture that is none", "?pic=javascript:alert(1)"],
    ["a weight of nothing", "?pic=p17*0"],
    ["a price below nothing", "?max=-5"],
    ["a currency that is none", "?currency=pounds"],
    ["fewer than a page", "?shown=1"],
    ["something else", "?utm_source=x"],
  ])("takes no notice of %s", (_, address) => {
    expect(read(address)).toEqual(EMPTY);
  });

  it("asks for no more at once than the service gives", () => {
    expect(read("?shown=99999").shown).toBe(480);
    expect(read(`?${Array.from({ length: 20 }, (_, n) => `pic=p${n + 1}`).join("&")}`).pictures).toHaveLength(8);
    expect(read("?pic=p1*99").pictures).toEqual([{ photo: 1, weight: 10 }]);
  });
});

describe("a change", () => {
  it("begins at the first page, with weak matches folded", () => {
    expect(changed(FULL, { kind: "loft" })).toMatchObject({ shown: 24, weak: false, kind: "loft", q: FULL.q });
  });

  it("of the words forgets which of them were switched off", () => {
    expect(changed(FULL, { q: "a loft" }).off).toEqual([]);
    expect(changed(FULL, { q: FULL.q }).off).toEqual(FULL.off);
  });

  it("leaves nothing behind that makes no sense alone", () => {
    const { guests: _, place: __, ...rest } = FULL;
    const next = changed(rest, {});
    expect(next).not.toHaveProperty("layout");
    expect(next).not.toHaveProperty("radius");
    expect(changed({ ...EMPTY, sort: "distance" }, {})).not.toHaveProperty("sort");
  });
});

describe("the request", () => {
  it("says what the state says", () => {
    expect(request(FULL)).toEqual({
      query: FULL.q,
      images: [
        { photo_id: 17, weight: 1 },
        { photo_id: 23, weight: -0.5 },
        { upload_id: "kX2n6V4rQm0T9sJdYbE1cA", weight: 2 },
      ],
      filters: {
        guests: 120,
        layout: "seated",
        kind: "barn",
        city: "Bath",
        near: { place: "Cambridge, GB", radius_km: 30 },
        price: { max: 5000, min: 99.5, hours: 6.5, currency: "EUR" },
        amenities: { all: ["wifi", "step-free access"] },
      },
      switch_off: [[7, 21]],
      strict: true,
      facets: ["kind", "amenities", "city", "price"],
      sort: "-price",
    });
  });

  it("asks for a closer look only at an order by relevance", () => {
    const { sort: _, ...byRelevance } = FULL;
    expect(request(byRelevance)).toHaveProperty("rerank", true);
    expect(request(FULL)).not.toHaveProperty("rerank");
    expect(request({ ...EMPTY, closer: true })).not.toHaveProperty("rerank");
  });

  it("is not sent where it asks only for what is not wanted", () => {
    const unwanted = { ...EMPTY, pictures: [{ photo: 1, weight: -0.5 }] };
    expect(onlyUnwanted(unwanted)).toBe(true);
    expect(onlyUnwanted({ ...unwanted, q: "a barn" })).toBe(false);
    expect(onlyUnwanted(EMPTY)).toBe(false);
  });
});
