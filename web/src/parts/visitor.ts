import { type Schema, sure } from "@venuefinder/client";
import { useSyncExternalStore } from "react";
import { service } from "../service";
import { stored } from "./stored";

const visitor = stored("venuefinder.visitor");
/** What is told goes out one after the other, so that what is to be forgotten has arrived by then. */
let last: Promise<unknown> = Promise.resolve();

/** The random name under which the service keeps what this browser did with venues; none until it did something. */
export function useVisitor(): string | null {
  return useSyncExternalStore(visitor.subscribe, visitor.get);
}

/** Tell the service what somebody did. Nothing waits for it, and where it fails nothing is lost but a hint. */
export function tell(kind: Schema<"Event">["kind"], ...venues: string[]): Promise<void> {
  if (venues.length === 0 || asksNotToBeFollowed()) return Promise.resolve();
  return inTurn(async () => {
    if (visitor.get() === null) visitor.set(name(crypto.getRandomValues(new Uint8Array(16))));
    const events = venues.map((venue) => ({ kind, venue }));
    sure(await service.api.POST("/v1/events", { body: { user: visitor.get() ?? "", events } }));
  }).catch(() => undefined);
}

/** Wait until the service has heard all that was told so far. */
export async function allTold(): Promise<void> {
  await last;
}

/** Have the service delete all that it knows of this visitor, who has another name from then on. */
export function forget(): Promise<void> {
  return inTurn(async () => {
    const user = visitor.get();
    if (user === null) return;
    sure(await service.api.DELETE("/v1/users/{user}/events", { params: { path: { user } } }));
    visitor.set(null);
  });
}

/** Global Privacy Control, or the older Do Not Track. */
export function asksNotToBeFollowed(asked: Navigator & { globalPrivacyControl?: boolean } = navigator): boolean {
  return asked.globalPrivacyControl === true || asked.doNotTrack === "1";
}

export function name(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function inTurn(act: () => Promise<void>): Promise<void> {
  const done = last.then(act, act);
  last = done.catch(() => undefined);
  return done;
}
