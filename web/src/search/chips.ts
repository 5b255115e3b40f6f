import type { Schema } from "@venuefinder/client";
import { money } from "../parts/words";
import { changed, type SearchState, type Span, write } from "./state";

type Part = Schema<"PartAnswer">;

/** A thing that a search asks, as the page shows it: read out of the words, or given as a filter. */
export interface Chip {
  key: string;
  text: string;
  /** filter: it decides who is found. looked: looked for in photos and listings. off: switched off. unclear: asks back. */
  state: "filter" | "looked" | "off" | "unclear";
  note?: string;
  /** What the reader may do about it. */
  without?: SearchState;
  again?: SearchState;
  insist?: SearchState;
  edits?: "guests" | "price" | "place";
  candidates: { name: string; chosen: SearchState }[];
}

/** Return the chips of what was understood and given, in the order of the words, then of the form. */
export function chips(state: SearchState, parts: readonly Part[]): Chip[] {
  return [...parts.flatMap((part) => understood(state, part)), ...given(state)];
}

function understood(state: SearchState, part: Part): Chip[] {
  const [start, end] = part.span;
  const same = (span: Span) => span[0] === start && span[1] === end;
  const key = `${start}-${end}`;
  const chip = { key, text: part.text, candidates: [], ...(part.note && { note: part.note }) };
  const without = changed(state, { off: [...state.off.filter((span) => !same(span)), [start, end]] });
  if (state.off.some(same))
    return [{ ...chip, state: "off", again: changed(state, { off: state.off.filter((span) => !same(span)) }) }];
  if (part.candidates.length > 0) return [unclear(state, part, { ...chip, without })];
  if (part.applied) return [{ ...chip, state: "filter", without, ...editing(part) }];
  const insist = insisted(state, part);
  if (insist) return [{ ...chip, state: "looked", insist, without }];
  return isGiven(state, part) ? [] : [{ ...chip, state: "looked" }];
}

function unclear(state: SearchState, part: Part, chip: Omit<Chip, "state" | "candidates">): Chip {
  const candidates = part.candidates.map(({ name }) => ({ name, chosen: changed(state, { place: name }) }));
  return { ...chip, state: "unclear", candidates };
}

function editing(part: Part): Pick<Chip, "edits"> {
  return part.kind === "guests" || part.kind === "price" || part.kind === "place" ? { edits: part.kind } : {};
}

/** Kinds and visible amenities are only looked for; the reader may insist on them. */
function insisted(state: SearchState, part: Part): SearchState | undefined {
  const { kind, amenities } = part.meaning as { kind?: string; amenities?: { all?: string[] } };
  if (part.kind === "kind" && kind && state.kind !== kind) return changed(state, { kind });
  const all = amenities?.all ?? [];
  if (part.kind === "amenity" && all.some((name) => !state.has.includes(name)))
    return changed(state, { has: [...new Set([...state.has, ...all])] });
  return undefined;
}

/** Whether a filter that was given says this in its place: then that has the chip. */
function isGiven(state: SearchState, part: Part): boolean {
  if (part.kind === "guests") return state.guests !== undefined;
  if (part.kind === "price") return state.max !== undefined || state.min !== undefined || state.hours !== undefined;
  if (part.kind === "place") return state.place !== undefined;
  return part.kind === "kind" || part.kind === "amenity";
}

function given(state: SearchState): Chip[] {
  const { guests, layout, place, radius, kind, city, has } = state;
  const price = priceWords(state);
  const without = (...names: (keyof SearchState)[]) => {
    const kept: Partial<SearchState> = { ...state };
    for (const name of names) delete kept[name];
    return changed(kept as SearchState, {});
  };
  const all: (Omit<Chip, "state" | "candidates"> | undefined)[] = [
    guests === undefined
      ? undefined
      : { key: "guests", text: guestWords(guests, layout), without: without("guests", "layout"), edits: "guests" },
    place === undefined
      ? undefined
      : {
          key: "place",
          text: radius === undefined ? `near ${place}` : `within ${radius} km of ${place}`,
          without: without("place", "radius"),
          edits: "place",
        },
    price === ""
      ? undefined
      : { key: "price", text: price, without: without("max", "min", "hours", "currency"), edits: "price" },
    kind === undefined ? undefined : { key: "kind", text: `kind: ${kind}`, without: without("kind") },
    city === undefined ? undefined : { key: "city", text: `in ${city}`, without: without("city") },
    ...has.map((name) => ({
      key: `has ${name}`,
      text: `has ${name}`,
      without: changed(state, { has: has.filter((other) => other !== name) }),
    })),
  ];
  return all.filter((chip) => chip !== undefined).map((chip) => ({ ...chip, state: "filter", candidates: [] }));
}

function guestWords(guests: number, layout: SearchState["layout"]): string {
  const count = `${guests.toLocaleString("en-GB")} guest${guests === 1 ? "" : "s"}`;
  if (!layout) return count;
  return layout === "seated" || layout === "standing" ? `${count} ${layout}` : `${count}, ${layout} style`;
}

function priceWords({ max, min, hours, currency = "GBP" }: SearchState): string {
  const least = min === undefined ? "" : money(min, currency);
  const most = max === undefined ? "" : money(max, currency);
  const range = least && most ? `${least} to ${most}` : most ? `at most ${most}` : least ? `at least ${least}` : "";
  return [range, hours === undefined ? "" : `for ${hours} hour${hours === 1 ? "" : "s"}`].filter(Boolean).join(" ");
}

const FIELDS: Record<string, { kinds: Part["kind"][]; names: (keyof SearchState)[] }> = {
  guests: { kinds: ["guests"], names: ["guests", "layout"] },
  price: { kinds: ["price"], names: ["max", "min", "hours", "currency"] },
  near: { kinds: ["place"], names: ["place", "radius"] },
  city: { kinds: ["place"], names: ["city"] },
  country: { kinds: ["place"], names: [] },
  kind: { kinds: ["kind"], names: ["kind"] },
};

/** Return the state without a constraint that is in the way (`relax.constraint`), undefined where the page cannot tell. */
export function relaxed(state: SearchState, constraint: string, parts: readonly Part[]): SearchState | undefined {
  const [field = "", side, ...term] = constraint.split(".");
  if (field === "query") return changed(state, { q: "", pictures: [], strict: false });
  if (field === "amenities") return withoutAmenity(state, side, term.join("."), parts);
  const fields = field === "filters" ? Object.values(FIELDS) : [FIELDS[field]].filter((one) => one !== undefined);
  const kept: SearchState = { ...state, ...(field === "filters" && { has: [] }) };
  for (const name of fields.flatMap(({ names }) => names)) delete kept[name as "guests"];
  const kinds = new Set(fields.flatMap((one) => one.kinds));
  const all = field === "filters";
  return ifOther(
    state,
    switchedOff(kept, (part) => kinds.has(part.kind) || all, parts),
  );
}

function withoutAmenity(state: SearchState, side: string | undefined, term: string, parts: readonly Part[]) {
  const has = side === "all" ? state.has.filter((name) => name !== term) : state.has;
  const says = ({ meaning }: Part) => {
    const { amenities } = meaning as { amenities?: Record<string, string[]> };
    return (amenities?.[side ?? ""] ?? []).some((name) => side === "any" || name === term);
  };
  return ifOther(state, switchedOff({ ...state, has }, says, parts));
}

function switchedOff(state: SearchState, which: (part: Part) => boolean, parts: readonly Part[]): SearchState {
  const spans = parts.filter((part) => part.applied && which(part)).map((part): Span => [part.span[0], part.span[1]]);
  return changed(state, { off: [...state.off, ...spans] });
}

function ifOther(state: SearchState, next: SearchState): SearchState | undefined {
  return write(next) === write(changed(state, {})) ? undefined : next;
}
