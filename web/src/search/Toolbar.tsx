import type { SearchAnswer } from "@venuefinder/client";
import { useState } from "react";
import { Icon } from "../parts/icons";
import { plural } from "../parts/words";
import { Filters } from "./Filters";
import { asksRelevance, changed, type SearchState, SORTS, type Sort } from "./state";

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
  answer: SearchAnswer | undefined;
  start: boolean;
  failed: boolean;
}

const SORT_WORDS: Record<Sort, string> = {
  relevance: "Best match",
  price: "Price, low first",
  "-price": "Price, high first",
  guests: "Capacity, small first",
  "-guests": "Capacity, large first",
  distance: "Nearest",
  name: "Name",
  "-name": "Name, Z to A",
};
const QUICK = 8;

export function Toolbar({ state, go, answer, start, failed }: Props) {
  const [open, setOpen] = useState(false);
  const near = answer?.interpreted?.filters.near ?? state.place;
  const sorts = SORTS.filter((sort) => (sort === "relevance" ? asksRelevance(state) : sort !== "distance" || near));
  const count = given(state);
  const kinds = answer?.facets.kind ?? [];
  const Title = start ? "h2" : "h1"; // the start page has another first heading
  return (
    <div className="toolbar">
      <Title className="summary" aria-live="polite">
        {answer
          ? start
            ? `All ${plural(answer.total, "venue")}`
            : summary(answer)
          : failed
            ? "No answer"
            : "Looking…"}
      </Title>
      <div className="tools">
        <button type="button" className="button" onClick={() => setOpen(true)} aria-haspopup="dialog">
          <Icon name="filters" size={18} /> Filters
          {count > 0 && <span className="count">{count}</span>}
        </button>
        {asksRelevance(state) && !state.sort && (
          <button
            type="button"
            className="button"
            aria-pressed={state.closer}
            title="A model looks at the photos of the first venues, and orders them anew"
            onClick={() => go(changed(state, { closer: !state.closer }))}
          >
            <Icon name="closer" size={18} /> Look closer
          </button>
        )}
        <label className="select">
          <span className="hidden">Sort by</span>
          <select
            value={
              state.sort ?? (asksRelevance(state) ? "relevance" : near && answer?.interpreted ? "distance" : "name")
            }
            onChange={(event) => go(changed(state, { sort: event.target.value as Sort }))}
          >
            {sorts.map((sort) => (
              <option key={sort} value={sort}>
                {SORT_WORDS[sort]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {(kinds.length > 1 || state.kind) && (
        <ul className="quick" aria-label="Kinds of venue">
          {kinds.slice(0, QUICK).map(({ value, count: venues }) => {
            const chosen = state.kind === value;
            return (
              <li key={String(value)}>
                <button
                  type="button"
                  className="pill"
                  aria-pressed={chosen}
                  onClick={() => go(without(state, chosen ? undefined : String(value)))}
                >
                  {String(value)} <span className="quiet">{venues}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {open && <Filters state={state} go={go} answer={answer} onClose={() => setOpen(false)} />}
    </div>
  );
}

function without(state: SearchState, kind: string | undefined): SearchState {
  const { kind: _, ...rest } = state;
  return changed(kind === undefined ? rest : { ...rest, kind }, {});
}

function summary(answer: SearchAnswer): string {
  return answer.total === 0 ? "No venues" : plural(answer.total, "venue");
}

function given(state: SearchState): number {
  const { guests, place, max, min, hours, kind, city, has, strict } = state;
  return (
    [guests, place, max ?? min ?? hours, kind, city].filter((value) => value !== undefined).length +
    has.length +
    Number(strict)
  );
}
