import type { Schema } from "@venuefinder/client";

const UNITS = { event: "for the event", head: "a head", hour: "an hour", day: "a day" } as const;
type Venue = Schema<"Venue">;

/** "£4,500", "€12.50". */
export function money(amount: number, currency: string): string {
  try {
    const whole = Number.isInteger(amount);
    return new Intl.NumberFormat("en-GB", {
      style: "currency",
      currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: whole ? 0 : 2,
      maximumFractionDigits: whole ? 0 : 2,
    }).format(amount);
  } catch {
    return `${amount.toLocaleString("en-GB")} ${currency}`;
  }
}

/** "£45 a head". */
export function rate(price: Schema<"Price-Output">): string {
  return `${money(price.amount, price.currency)} ${UNITS[price.unit]}`;
}

export function number(value: number): string {
  return value.toLocaleString("en-GB");
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where a venue is, and how far that is from where was asked. */
export function where(venue: Pick<Venue, "city" | "country">, distance?: number | null): string {
  const place = venue.city ?? venue.country ?? "";
  if (distance === null || distance === undefined) return place;
  const far = distance < 10 ? distance.toFixed(1) : Math.round(distance).toString();
  return place ? `${place}, ${far} km away` : `${far} km away`;
}

export function capacities(capacity: Venue["capacity"]): [string, number][] {
  return Object.entries(capacity).filter((entry): entry is [string, number] => typeof entry[1] === "number");
}

export function largest(venue: {
  capacity: Venue["capacity"];
  rooms: { capacity: Venue["capacity"] }[];
}): number | undefined {
  const all = [venue.capacity, ...venue.rooms.map((room) => room.capacity)].flatMap(capacities).map(([, n]) => n);
  return all.length > 0 ? Math.max(...all) : undefined;
}
