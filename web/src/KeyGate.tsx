import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useSyncExternalStore } from "react";
import { apiKey } from "./service";

const listeners = new Set<() => void>();
let wanted = false;

/** Say that the service wants a key, or another one. */
export function askForKey(): void {
  set(true);
}

function set(value: boolean): void {
  wanted = value;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks once for the service's key, where it has one. */
export function KeyGate({ children }: { children: ReactNode }) {
  const asks = useSyncExternalStore(subscribe, () => wanted);
  const queries = useQueryClient();
  if (!asks) return children;
  const refused = apiKey.get() !== undefined;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("key") ?? "").trim();
    if (!key) return;
    apiKey.set(key);
    queries.clear();
    set(false);
  };
  return (
    <main id="main" className="page">
      <form className="key-form" onSubmit={submit}>
        <h1>This service wants its key</h1>
        <p>Whoever runs it has the key. It stays in this tab, and is gone when you close it.</p>
        {refused && (
          <p role="alert" className="error">
            The service does not know the key that was given.
          </p>
        )}
        <label htmlFor="key">API key</label>
        <div className="row">
          {/* biome-ignore lint/a11y/noAutofocus: it is the only thing on the page */}
          <input id="key" name="key" type="password" autoComplete="off" autoFocus required />
          <button type="submit" className="button primary">
            Continue
          </button>
        </div>
      </form>
    </main>
  );
}
