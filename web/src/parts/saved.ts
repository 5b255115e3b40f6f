import { useSyncExternalStore } from "react";
import { stored } from "./stored";
import { tell } from "./visitor";

const MOST = 50;
const list = stored("venuefinder.shortlist");
let cached: { text: string | null; ids: readonly string[] } = { text: null, ids: [] };

/** The shortlist: ids of venues in this browser, in the order they were saved. */
function current(): readonly string[] {
  const text = list.get();
  if (text !== cached.text) cached = { text, ids: parse(text) };
  return cached.ids;
}

function parse(text: string | null): readonly string[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found.filter((id): id is string => typeof id === "string").slice(0, MOST) : [];
  } catch {
    return [];
  }
}

/** Have these on the list, and no others; the service is told of those that are new on it. */
export function keep(ids: readonly string[]): void {
  const before = current();
  const kept = [...new Set(ids)].slice(-MOST);
  list.set(JSON.stringify(kept));
  void tell("save", ...kept.filter((id) => !before.includes(id)));
}

export function useShortlist() {
  const ids = useSyncExternalStore(list.subscribe, current);
  return {
    ids,
    has: (id: string) => ids.includes(id),
    toggle: (id: string) => keep(ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id]),
    keep,
  };
}
