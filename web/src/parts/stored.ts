/** A text in this browser's storage, whose listeners hear of changes in this tab and in others. */
export function stored(key: string) {
  const listeners = new Set<() => void>();
  return {
    get: () => localStorage.getItem(key),
    set(text: string | null) {
      if (text === localStorage.getItem(key)) return;
      if (text === null) localStorage.removeItem(key);
      else localStorage.setItem(key, text);
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      window.addEventListener("storage", listener);
      return () => {
        listeners.delete(listener);
        window.removeEventListener("storage", listener);
      };
    },
  };
}
