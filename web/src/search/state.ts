import type { Schema, SearchRequest } from "@venuefinder/client";

export const LAYOUTS = ["seated", "standing", "theatre", "classroom", "boardroom", "cabaret"] as const;
export type Layout = (typeof LAYOUTS)[number];
export const SORTS = ["relevance", "price", "-price", "guests", "-guests", "distance", "name", "-name"] as const;
export type Sort = (typeof SORTS)[number];
export type Span = readonly [number, number];

/** A picture of the mood board: a photo of the catalogue or an upload, wanted or (negative weight) unwanted. */
export type Picture = { weight: number } & ({ photo: number } | { upload: string });

/** All that a search page shows, and all that its address says. */
export interface SearchState {
  q: string;
  guests?: number;
  layout?: Layout;
  place?: string;
  radius?: number;
  max?: number;
  min?: number;
  currency?: string;
  hours?: number;
  kind?: string;
  city?: string;
  has: readonly string[];
  off: readonly Span[];
  pictures: readonly Picture[];
  sort?: Sort;
  strict: boolean;
  closer: boolean;
  shown: number;
  weak: boolean;
}

export const PAGE = 24;
export const MOST_SHOWN = 480;
export const MOST_PICTURES = 8;
export const LESS = -0.5;
export const EMPTY: SearchState = {
  q: "",
  has: [],
  off: [],
  pictures: [],
  strict: false,
  closer: false,
  shown: PAGE,
  weak: false,
};
const FACETS = ["kind", "amenities", "city", "price"];

/** Read an address; what makes no sense in it is left out, never an error. */
export function read(address: string): SearchState {
  const given = new URLSearchParams(address);
  const guests = whole(given.get("guests"));
  const layout = one(LAYOUTS, given.get("layout"));
  return {
    ...EMPTY,
    q: given.get("q")?.slice(0, 2000) ?? "",
    ...some({
      guests,
      layout: guests === undefined ? undefined : layout,
      place: given.get("place") || undefined,
      radius: amount(given.get("radius")),
      max: amount(given.get("max")),
      min: amount(given.get("min")),
      currency: /^[A-Z]{3}$/.exec(given.get("currency") ?? "")?.[0],
      hours: amount(given.get("hours")),
      kind: given.get("kind") || undefined,
      city: given.get("city") || undefined,
      sort: one(SORTS, given.get("sort")),
    }),
    has: [...new Set(given.getAll("has"))].filter(Boolean),
    off: given.getAll("off").map(span).filter(isThere),
    pictures: given.getAll("pic").map(picture).filter(isThere).slice(0, MOST_PICTURES),
    strict: given.get("strict") === "1",
    closer: given.get("closer") === "1",
    shown: Math.min(Math.max(whole(given.get("shown")) ?? PAGE, PAGE), MOST_SHOWN),
    weak: given.get("weak") === "1",
  };
}

/** Return the address of a state; `read` gives the same state back. */
export function write(state: SearchState): string {
  const said = new URLSearchParams();
  const say = (name: string, value: string | number | undefined) => {
    if (value !== undefined && value !== "") said.append(name, String(value));
  };
  say("q", state.q);
  for (const name of [
    "guests",
    "layout",
    "place",
    "radius",
    "max",
    "min",
    "currency",
    "hours",
    "kind",
    "city",
  ] as const)
    say(name, state[name]);
  for (const amenity of state.has) say("has", amenity);
  for (const [start, end] of state.off) say("off", `${start}-${end}`);
  for (const one of state.pictures) say("pic", pictureWord(one));
  say("sort", state.sort);
  for (const flag of ["strict", "closer", "weak"] as const) say(flag, state[flag] ? 1 : undefined);
  say("shown", state.shown > PAGE ? state.shown : undefined);
  const words = said.toString();
  return words ? `?${words}` : "";
}

/** Change a state. Other words have other spans, and another search begins at its first page. */
export function changed(state: SearchState, change: Partial<SearchState>): SearchState {
  const next: SearchState = { ...state, shown: PAGE, weak: false, ...change };
  if (change.q !== undefined && change.q !== state.q) next.off = [];
  if (next.guests === undefined) delete next.layout;
  if (next.place === undefined) delete next.radius;
  if (next.sort === "relevance") delete next.sort;
  if (next.sort === "distance" && next.place === undefined && !next.q) delete next.sort;
  return next;
}

/** Whether anything is asked that venues can be more or less like. */
export function asksRelevance(state: SearchState): boolean {
  return state.q.trim() !== "" || state.pictures.length > 0;
}

export function isEmpty(state: SearchState): boolean {
  return write({ ...state, shown: PAGE, weak: false }) === "";
}

/** Return the body of POST /v1/search, without page and cursor. */
export function request(state: SearchState): SearchRequest {
  const { q, pictures, sort } = state;
  return {
    ...(q.trim() && { query: q }),
    ...(q.trim() && !pictures.some((one) => one.weight > 0) && pictures.length > 0 && { query_weight: 1 }),
    images: pictures.map((one) => ("photo" in one ? { photo_id: one.photo, weight: one.weight } : uploaded(one))),
    filters: filters(state),
    switch_off: q.trim() ? state.off.map(([start, end]) => [start, end] as [number, number]) : [],
    strict: state.strict,
    facets: FACETS,
    ...(sort && { sort }),
    ...(state.closer && asksRelevance(state) && !sort && { rerank: true }),
  };
}

/** Pictures that are only unwanted ask for nothing by themselves; the service would refuse them. */
export function onlyUnwanted(state: SearchState): boolean {
  return state.q.trim() === "" && state.pictures.length > 0 && state.pictures.every((one) => one.weight < 0);
}

function filters(state: SearchState): Schema<"VenueFilter-Input"> {
  const { guests, layout, place, radius, max, min, currency, hours, kind, city, has } = state;
  const price = max !== undefined || min !== undefined || hours !== undefined;
  return some({
    guests,
    layout,
    kind,
    city,
    near: place === undefined ? undefined : some({ place, radius_km: radius }),
    price: price ? some({ max, min, hours, currency: currency ?? "GBP" }) : undefined,
    amenities: has.length > 0 ? { all: [...has] } : undefined,
  });
}

function uploaded(one: { upload: string; weight: number }): Schema<"ImageQuery"> {
  return { upload_id: one.upload, weight: one.weight };
}

export function pictureKey(one: Picture): string {
  return "photo" in one ? `p${one.photo}` : `u${one.upload}`;
}

function pictureWord(one: Picture): string {
  return one.weight === 1 ? pictureKey(one) : `${pictureKey(one)}*${one.weight}`;
}

function picture(word: string): Picture | undefined {
  const found = /^(?:p(\d{1,15})|u([\w-]{1,64}))(?:\*(-?\d+(?:\.\d+)?))?$/.exec(word);
  if (!found) return undefined;
  const weight = Math.max(-10, Math.min(10, Number(found[3] ?? 1)));
  if (weight === 0) return undefined;
  return found[1] ? { photo: Number(found[1]), weight } : { upload: found[2] ?? "", weight };
}

function span(word: string): Span | undefined {
  const found = /^(\d{1,4})-(\d{1,4})$/.exec(word);
  return found && Number(found[1]) < Number(found[2]) ? [Number(found[1]), Number(found[2])] : undefined;
}

function whole(word: string | null): number | undefined {
  return word && /^\d{1,7}$/.test(word) && Number(word) >= 1 && Number(word) <= 1_000_000 ? Number(word) : undefined;
}

function amount(word: string | null): number | undefined {
  return word && /^\d{1,9}(\.\d{1,2})?$/.test(word) && Number(word) > 0 ? Number(word) : undefined;
}

function one<T extends string>(known: readonly T[], word: string | null): T | undefined {
  return known.find((name) => name === word);
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

type Some<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Drop what is undefined. */
export function some<T extends object>(fields: T): Some<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Some<T>;
}
