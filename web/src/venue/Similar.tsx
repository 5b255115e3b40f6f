import { useState } from "react";
import { Recommended } from "../parts/Recommended";
import { useSimilar, type Wish } from "./useVenue";

/** Venues like this one, or like it and cheaper. */
export function Similar({ id, wish, priced }: { id: string; wish: Wish; priced: boolean }) {
  const [cheaper, setCheaper] = useState(false);
  const similar = useSimilar(id, wish, cheaper && priced);
  const venues = similar.data?.results ?? [];
  if (similar.isError || (venues.length === 0 && !cheaper)) return null;
  const query = new URLSearchParams();
  if (wish.guests) query.set("guests", String(wish.guests));
  if (wish.hours) query.set("hours", String(wish.hours));
  return (
    <section className="similar" aria-labelledby="similar-title" aria-busy={similar.isFetching}>
      <header>
        <h2 id="similar-title">Similar venues</h2>
        {priced && (
          <button type="button" className="pill" aria-pressed={cheaper} onClick={() => setCheaper(!cheaper)}>
            Similar, but cheaper
          </button>
        )}
      </header>
      {venues.length > 0 ? (
        <Recommended venues={venues} query={query.size > 0 ? `?${query}` : ""} />
      ) : (
        <p className="quiet">Nothing like it costs less, as far as listings tell.</p>
      )}
    </section>
  );
}
