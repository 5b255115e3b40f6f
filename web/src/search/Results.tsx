import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { SearchAnswer } from "@venuefinder/client";
import { useEffect, useMemo, useRef } from "react";
import { Trouble } from "../parts/Trouble";
import { plural } from "../parts/words";
import { Foot } from "./Foot";
import { Loosen } from "./Loosen";
import { Nothing } from "./Nothing";
import { Progress } from "./Progress";
import { changed, LESS, MOST_PICTURES, pictureKey, type SearchState } from "./state";
import { useRerank } from "./useRerank";
import { useSteadyOrder } from "./useSteadyOrder";
import { VenueCard } from "./VenueCard";

interface Props {
  state: SearchState;
  go: (next: SearchState, options?: { quietly?: boolean }) => void;
  found: UseInfiniteQueryResult<InfiniteData<SearchAnswer>>;
  relevant: boolean;
}

const EAGER = 4;
const FEW = 4;

export function Results({ state, go, found, relevant }: Props) {
  const pages = useMemo(() => found.data?.pages ?? [], [found.data]);
  const first = pages[0];
  const hits = useMemo(() => pages.flatMap((page) => page.results), [pages]);
  const strong = hits.filter((hit) => !hit.below_floor);
  const weak = hits.filter((hit) => hit.below_floor);
  const headIds = useMemo(() => (first?.results ?? []).map((hit) => hit.venue.external_id), [first]);
  const { rerank, cancel } = useRerank(first?.rerank ?? null, headIds);
  const grid = useRef<HTMLDivElement>(null);
  const { order, waiting, show } = useSteadyOrder(headIds, rerank.wanted, grid);

  const place = new Map(order.map((id, index) => [id, index]));
  const placeOf = (id: string) => place.get(id) ?? Number.MAX_SAFE_INTEGER;
  const shown = strong.toSorted((one, other) => placeOf(one.venue.external_id) - placeOf(other.venue.external_id));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = found;
  const more = hasNextPage && (weak.length === 0 || state.weak);
  const count = hits.length;

  useEffect(() => {
    if (count > state.shown) go({ ...state, shown: count }, { quietly: true });
  }, [count, state, go]);

  if (!first) return null;
  if (hits.length === 0) return <Nothing state={state} go={go} answer={first} />;

  const like = (photo: number, wanted: boolean) => {
    const one = { photo, weight: wanted ? 1 : LESS };
    const others = state.pictures.filter((other) => pictureKey(other) !== pictureKey(one));
    go(changed(state, { pictures: [...others, one].slice(-MOST_PICTURES) }));
  };
  const query = asked(first);
  const card = (hit: (typeof hits)[number], index: number) => (
    <VenueCard
      key={hit.venue.external_id}
      hit={hit}
      eager={index < EAGER}
      query={query}
      {...(hit.photo && { onLike: like })}
    />
  );
  return (
    <section aria-label="Venues" aria-busy={found.isFetching} className={found.isPlaceholderData ? "stale" : undefined}>
      <Progress rerank={rerank} onCancel={cancel} waiting={waiting} onShow={show} />
      {found.error && <Trouble error={found.error} onRetry={() => void found.refetch()} />}
      {shown.length === 0 && relevant && (
        <p className="notice">Nothing fits these words well. What comes closest is below.</p>
      )}
      <div className="grid" ref={grid}>
        {shown.map(card)}
      </div>
      {!hasNextPage && first.total <= FEW && <Loosen state={state} go={go} answer={first} />}
      {weak.length > 0 && (
        <div className="weak">
          <button
            type="button"
            className="button"
            aria-expanded={state.weak}
            onClick={() => go({ ...state, weak: !state.weak }, { quietly: true })}
          >
            {state.weak
              ? "Hide the weaker matches"
              : `Show ${plural(Math.max(first.total - strong.length, weak.length), "weaker match", "weaker matches")}`}
          </button>
          {state.weak && <div className="grid">{weak.map((hit) => card(hit, EAGER))}</div>}
        </div>
      )}
      <Foot
        answer={first}
        more={more}
        loading={isFetchingNextPage}
        onMore={() => void fetchNextPage()}
        ended={!hasNextPage}
      />
    </section>
  );
}

/** What the venue's page should count with: the guests and hours that were asked, whether in words or as a filter. */
function asked(answer: SearchAnswer): string {
  const filters = answer.interpreted?.filters;
  const said = new URLSearchParams();
  if (filters?.guests) said.set("guests", String(filters.guests));
  if (filters?.price?.hours) said.set("hours", String(filters.price.hours));
  const words = said.toString();
  return words ? `?${words}` : "";
}
