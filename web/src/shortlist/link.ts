import type { Wish } from "../venue/useVenue";

const MOST = 50;
const ID = /^[A-Za-z0-9._~-]{1,200}$/;

/** Return the venues that a link names, each once; what can be no id is left out. */
export function read(address: string): string[] {
  const named = new URLSearchParams(address).get("venues")?.split(",") ?? [];
  return [...new Set(named)].filter((id) => ID.test(id)).slice(0, MOST);
}

/** Return the query of a link to these venues, counted for so many guests and hours. */
export function write(ids: readonly string[], { guests, hours }: Wish): string {
  const said = [
    ids.length > 0 && `venues=${ids.join(",")}`,
    guests && `guests=${guests}`,
    hours && `hours=${hours}`,
  ].filter(Boolean);
  return said.length > 0 ? `?${said.join("&")}` : "";
}
