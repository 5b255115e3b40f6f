import type { Schema } from "@venuefinder/client";
import { largest, money, rate } from "../parts/words";

type Price = Schema<"Price-Output">;
type Venue = Schema<"Venue">;

export interface Total {
  amount: number;
  /** How the listing's price became it. */
  basis: string;
}

const HOURS_OF_A_DAY = 24;

/**
 * What a listing's price comes to for so many guests and hours, at least; `venuefinder/offers.py` counts the same, and a
 * test compares. Undefined where the price depends on something that was not said.
 */
export function total(price: Price, guests: number | undefined, hours: number | undefined): Total | undefined {
  const said = price.unit === "event" || (price.unit === "head" ? guests !== undefined : hours !== undefined);
  if (!said) return undefined;
  const times = count(price, guests, hours);
  const amount = Math.max(rounded(price.amount * times), price.minimum_spend ?? 0);
  return { amount, basis: basis(price, times) };
}

function count(price: Price, guests: number | undefined, hours: number | undefined): number {
  if (price.unit === "head") return guests ?? 1;
  if (price.unit === "day") return Math.max(1, Math.ceil((hours ?? 1) / HOURS_OF_A_DAY));
  if (price.unit === "hour") return Math.max(hours ?? 1, price.minimum_hours ?? 0);
  return 1;
}

/** Halves go up, as where the service rounds; a float's last digit does not decide. */
function rounded(amount: number): number {
  return Math.round(Number((amount * 100).toPrecision(14))) / 100;
}

function basis(price: Price, times: number): string {
  const units = { head: "guest", hour: "hour", day: "day", event: "" }[price.unit];
  const words = price.unit === "event" ? rate(price) : `${rate(price)} × ${times} ${units}${times === 1 ? "" : "s"}`;
  return price.minimum_spend === null
    ? words
    : `${words}, at least ${money(price.minimum_spend, price.currency)} spend`;
}

/** Whether so many people fit in any layout; undefined where the listing does not say. */
export function holds(capacity: Venue["capacity"], guests: number): boolean | undefined {
  const most = largest({ capacity, rooms: [] });
  return most === undefined ? undefined : most >= guests;
}
