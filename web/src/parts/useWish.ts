import { useLocation, useSearch } from "wouter";

/** For how many guests and hours a page counts: in its address, so that a link carries it. */
export function useWish() {
  const text = useSearch();
  const [path, navigate] = useLocation();
  const given = new URLSearchParams(text);
  const number = (name: string, most: number) => {
    const value = Number(given.get(name));
    return Number.isFinite(value) && value > 0 && value <= most ? value : undefined;
  };
  const guests = number("guests", 1_000_000);
  const wish = { guests: guests && Math.round(guests), hours: number("hours", 8760) };
  const set = (name: "guests" | "hours", value: number | undefined) => {
    const next = new URLSearchParams(text);
    if (value) next.set(name, String(value));
    else next.delete(name);
    navigate(`${path}${next.size > 0 ? `?${next}` : ""}`, { replace: true });
  };
  return { wish, set };
}
