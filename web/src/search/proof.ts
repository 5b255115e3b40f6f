import type { Schema } from "@venuefinder/client";
import { capacities, largest, number, rate, where } from "../parts/words";

type Hit = Schema<"VenueHit">;
type Clause = Schema<"ClauseAnswer">;

export const STATUS_WORDS = {
  seen: "A photo shows it",
  stated: "The listing says it",
  contradicted: "It does not fit",
  unknown: "Not known",
} as const satisfies Record<Clause["status"], string>;

const COMMON = new Set(
  "a an and the with for no not without in of on at near to from under over very by or".split(" "),
);

/** Return what backs a mark up, as the listing has it: the sentence, the amenity, the capacity, the price. */
export function proof(clause: Clause, hit: Hit): string {
  const words = clause.text.toLowerCase();
  if (clause.status === "unknown") return "Neither its photos nor its listing tell. Worth asking the venue.";
  if (clause.status === "seen") return "This photo shows it.";
  if (clause.photo_id !== null) return "This photo shows otherwise.";
  return quoted(words, hit) ?? (clause.status === "stated" ? "The listing says so." : "The listing says otherwise.");
}

function quoted(words: string, hit: Hit): string | undefined {
  const { venue } = hit;
  if (/\b(guests?|people|seated|standing|pax)\b|\b\d+ (of us|heads?)\b/.test(words)) return holds(hit);
  if (/[£€$]|\b(under|at most|budget|spend|price|pp)\b|\d k\b/.test(words)) return hit.price?.basis ?? priced(hit);
  if (/^(near|in|within|around|close to)\b/.test(words) && venue.city) return `In ${where(venue, hit.distance_km)}.`;
  const telling = words.split(/[^\p{L}\p{N}-]+/u).filter((word) => word && !COMMON.has(word));
  const amenity = venue.amenities.find((name) => telling.some((word) => name.includes(word) || word.includes(name)));
  if (amenity) return `Listed amenity: ${amenity}.`;
  const said = sentences(venue.description).find((text) => telling.some((word) => has(text, word)));
  if (said) return `“${said}”`;
  return venue.kind && telling.some((word) => has(venue.kind ?? "", word)) ? `Listed as: ${venue.kind}.` : undefined;
}

function holds({ venue, room }: Hit): string | undefined {
  const capacity = venue.rooms.find(({ name }) => name === room)?.capacity ?? venue.capacity;
  const all = capacities(capacity).map(([layout, people]) => `${number(people)} ${layout}`);
  const most = largest(venue);
  if (all.length === 0) return most === undefined ? undefined : `Up to ${number(most)} people.`;
  return `${room ? `${room}: ` : ""}${all.join(", ")}.`;
}

function priced({ venue }: Hit): string | undefined {
  return venue.price ? `${rate(venue.price)}.` : undefined;
}

function sentences(text: string): string[] {
  return text.split(/(?<=[.!?])\s+/).map((one) => one.trim());
}

/** Whether a text has a word, or the same word in the singular or plural. */
function has(text: string, word: string): boolean {
  const stem = word.replace(/(?:es|s)$/, "");
  return stem.length > 2 && new RegExp(`(^|[^\\p{L}])${escaped(stem)}`, "iu").test(text);
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
