import { type Schema, sure } from "@venuefinder/client";
import { useSyncExternalStore } from "react";
import { service } from "../service";

const KEY = "venuefinder.visitor";
const listeners = new Set<() => void>();

/** The random name under which the service keeps what this browser did with venues; none until it did something. */
export function useVisitor(): string | null {
  return useSyncExternalStore(subscribe, current);
}

/** Tell the service what somebody did. Nothing waits for it, and where it fails nothing is lost but a hint. */
export async function tell(kind: Schema<"Event">["kind"], venue: string): Promise<void> {
  if (asksNotToBeFollowed()) return;
  const user = current() ?? name(crypto.getRandomValues(new Uint8Array(16)));
  try {
    sure(await service.api.POST("/v1/events", { body: { user, events: [{ kind, venue }] } }));
    set(user);
  } catch {
    // The next event does as well.
  }
}

/** Have the service delete all that it knows of this visitor, who has another name from then on. */
export async function forget(): Promise<void> {
  const user = current();
  if (!user) return;
  sure(await service.api.DELETE("/v1/users/{user}/events", { params: { path: { user } } }));
  set(null);
}

/** Global Privacy Control, or the older Do Not Track. */
export function asksNotToBeFollowed(asked: Navigator & { globalPrivacyControl?: boolean } = navigator): boolean {
  return asked.globalPrivacyControl === true || asked.doNotTrack === "1";
}

export function name(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function current(): string | null {
  return localStorage.getItem(KEY);
}

function set(user: string | null): void {
  if (user === current()) return;
  if (user === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, user);
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
