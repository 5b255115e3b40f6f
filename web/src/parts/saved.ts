import { useSyncExternalStore } from "react";

const KEY = "venuefinder.shortlist";
const MOST = 50;
const listeners = new Set<() => void>();
let cached: { text: string | null; ids: readonly string[] } = { text: null, ids: [] };

/** The shortlist: ids of venues in this browser, in the order they were saved. */
function current(): readonly string[] {
  const text = localStorage.getItem(KEY);
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

export function keep(ids: readonly string[]): void {
  localStorage.setItem(KEY, JSON.stringify([...new Set(ids)].slice(-MOST)));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function useShortlist() {
  const ids = useSyncExternalStore(subscribe, current);
  return {
    ids,
    has: (id: string) => ids.includes(id),
    toggle: (id: string) => keep(ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id]),
    keep,
  };
}
