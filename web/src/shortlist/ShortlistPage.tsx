import { useQueries, useQuery } from "@tanstack/react-query";
import { Problem, type Schema, sure } from "@venuefinder/client";
import { useEffect } from "react";
import { Link, useSearch } from "wouter";
import { Recommended } from "../parts/Recommended";
import { ShareButton } from "../parts/ShareButton";
import { useShortlist } from "../parts/saved";
import { Trouble } from "../parts/Trouble";
import { useWish } from "../parts/useWish";
import { plural } from "../parts/words";
import { service } from "../service";
import { venueQuery, type Wish } from "../venue/useVenue";
import { Comparison } from "./Comparison";
import { read, write } from "./link";

/** The venues somebody saved, side by side; their own, or those that a link names. */
export default function ShortlistPage() {
  const given = read(useSearch());
  const mine = useShortlist();
  const { wish, set } = useWish();
  const shared = given.length > 0;
  const ids = shared ? given : mine.ids;
  const found = useQueries({ queries: ids.map(venueQuery) });
  const venues = found.flatMap(({ data }) => (data ? [data] : []));
  const gone = ids.filter((_, place) => isGone(found[place]?.error));
  const failed = found.find(({ error }) => error && !isGone(error));

  useEffect(() => {
    document.title = "Shortlist · VenueFinder";
  }, []);

  if (ids.length === 0) return <NothingSaved />;
  return (
    <main id="main" className="page shortlist">
      <header className="venue-head">
        <div>
          <h1>{shared ? "A shared shortlist" : "Your shortlist"}</h1>
          <p className="quiet">
            {plural(ids.length, "venue")}, side by side.
            {!shared && " Kept in this browser alone, until you share the link."}
          </p>
        </div>
        <div className="row">
          {shared && (
            <button type="button" className="button" onClick={() => mine.keep([...mine.ids, ...given])}>
              {given.every(mine.has) ? "All saved" : "Save all"}
            </button>
          )}
          <ShareButton path={`/shortlist${write(ids, wish)}`} label="Copy link to this list" />
        </div>
      </header>
      {failed && <Trouble error={failed.error} onRetry={() => void failed.refetch()} />}
      {gone.length > 0 && (
        <p className="notice">
          {plural(gone.length, "venue")} of this list {gone.length === 1 ? "is" : "are"} not in the catalogue any more.{" "}
          {!shared && (
            <button
              type="button"
              className="chip-clear"
              onClick={() => mine.keep(mine.ids.filter((id) => !gone.includes(id)))}
            >
              Take {gone.length === 1 ? "it" : "them"} off
            </button>
          )}
        </p>
      )}
      {venues.length > 0 && <Comparison venues={venues} wish={wish} onWish={set} />}
      {venues.length > 0 && <MoreLikeThese ids={venues.map(({ venue }) => venue.external_id)} wish={wish} />}
    </main>
  );
}

function isGone(error: unknown): boolean {
  return error instanceof Problem && error.kind === "not-found";
}

function NothingSaved() {
  return (
    <main id="main" className="page">
      <section className="trouble">
        <h1>Nothing saved yet</h1>
        <p>Press the heart on a venue that you like. Here you compare them, and share the list by a link.</p>
        <Link className="button primary" href="/">
          Find a venue
        </Link>
      </section>
    </main>
  );
}

const MOST_LIKED = 32;

/** Others, by what these have in common. */
function MoreLikeThese({ ids, wish }: { ids: readonly string[]; wish: Wish }) {
  const liked = ids.slice(-MOST_LIKED);
  const body: Schema<"RecommendationRequest"> = {
    like: liked.map((venue) => ({ venue })),
    limit: 8,
    ...(wish.guests && { filters: { guests: wish.guests } }),
  };
  const found = useQuery({
    queryKey: ["recommended", body],
    queryFn: async ({ signal }) => sure(await service.api.POST("/v1/recommendations", { body, signal })),
    staleTime: 60_000,
  });
  if (!found.data || found.data.results.length === 0) return null;
  return (
    <section className="similar" aria-labelledby="more-title">
      <header>
        <h2 id="more-title">Because you like these</h2>
      </header>
      <Recommended venues={found.data.results} query={write([], wish)} />
    </section>
  );
}
