import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { holds, total } from "./total";

const PRICE = { amount: 45, currency: "GBP", unit: "head", minimum_spend: 3000, minimum_hours: null } as const;
const ROOMY = { seated: 80, standing: 120, theatre: null, classroom: null, boardroom: null, cabaret: null };

describe("a total", () => {
  it("is never below the minimum spend, and says how it came about", () => {
    expect(total(PRICE, 120, undefined)).toEqual({
      amount: 5400,
      basis: "£45 a head × 120 guests, at least £3,000 spend",
    });
    expect(total(PRICE, 10, undefined)?.amount).toBe(3000);
  });

  it("is not known before it is known for how many or how long", () => {
    expect(total(PRICE, undefined, 5)).toBeUndefined();
    expect(total({ ...PRICE, unit: "hour" }, 120, undefined)).toBeUndefined();
    expect(total({ ...PRICE, unit: "event", minimum_spend: null }, undefined, undefined)?.amount).toBe(45);
  });

  it("counts no fewer hours than the listing's least, and days that were begun", () => {
    const hourly = { ...PRICE, unit: "hour", minimum_spend: null, minimum_hours: 4 } as const;
    expect(total(hourly, undefined, 2)).toEqual({ amount: 180, basis: "£45 an hour × 4 hours" });
    expect(total({ ...hourly, unit: "day" }, undefined, 25)?.amount).toBe(90);
  });

  /** tests/e2e/test_web_logic.py gives totals that the service counted. */
  it.runIf(process.env.TOTALS)("is what the service counts", () => {
    const cases = JSON.parse(readFileSync(String(process.env.TOTALS), "utf8"));
    expect(cases.length).toBeGreaterThan(100);
    for (const { price, guests, hours, amount } of cases) {
      expect([price, guests, hours, total(price, guests, hours)?.amount]).toEqual([price, guests, hours, amount]);
    }
  });
});

it("a room holds whom its largest layout holds", () => {
  expect(holds(ROOMY, 120)).toBe(true);
  expect(holds(ROOMY, 121)).toBe(false);
  expect(holds({ ...ROOMY, seated: null, standing: null }, 1)).toBeUndefined();
});
