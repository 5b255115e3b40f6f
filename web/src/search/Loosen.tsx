import { useQueries } from "@tanstack/react-query";
import type { SearchAnswer } from "@venuefinder/client";
import { plural } from "../parts/words";
import { service } from "../service";
import { chips } from "./chips";
import { request, type SearchState } from "./state";

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
  answer: SearchAnswer;
}

const MOST = 5;

/** Where few venues are found: what each condition costs. */
export function Loosen({ state, go, answer }: Props) {
  const conditions = chips(state, answer.interpreted?.parts ?? []).flatMap(({ text, state: kind, without }) =>
    kind === "filter" && without ? [{ text, without }] : [],
  );
  const counted = useQueries({
    queries: conditions.slice(0, MOST).map(({ without }) => {
      const { facets: _, rerank: __, ...body } = request(without);
      return {
        queryKey: ["count", body],
        queryFn: ({ signal }: { signal: AbortSignal }) => service.search({ ...body, rerank: false, limit: 1 }, signal),
        staleTime: 60_000,
      };
    }),
  });
  const more = conditions
    .map((condition, place) => ({ ...condition, total: counted[place]?.data?.total ?? 0 }))
    .filter(({ total }) => total > answer.total)
    .toSorted((one, other) => other.total - one.total);
  if (more.length === 0) return null;
  return (
    <section className="loosen" aria-label="Find more">
      <h2>Willing to give something up?</h2>
      <ul className="pills">
        {more.map(({ text, without, total }) => (
          <li key={text}>
            <button type="button" className="pill" onClick={() => go(without)}>
              without “{text}” <span className="quiet">{plural(total, "venue")}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
