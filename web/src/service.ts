import { venueFinder } from "@venuefinder/client";

const KEY = "venuefinder.key";

/** The API key, in the tab's session storage alone: it is gone when the tab is. */
export const apiKey = {
  get: () => sessionStorage.getItem(KEY) ?? undefined,
  set: (key: string) => sessionStorage.setItem(KEY, key),
  forget: () => sessionStorage.removeItem(KEY),
};

/** The service this page came from. */
export const service = venueFinder({ key: apiKey.get });
