import type { SearchAnswer } from "@venuefinder/client";
import { plural } from "../parts/words";
import { relaxed } from "./chips";
import { changed, EMPTY, isEmpty, type SearchState } from "./state";

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
  answer: SearchAnswer;
}

/** Nothing found: which one thing to let go of, and what that would give. */
export function Nothing({ state, go, answer }: Props) {
  if (isEmpty(state))
    return (
      <section className="trouble">
        <h2>There are no venues here yet</h2>
        <p>
          Add your own with <code>venuefinder ingest YOUR_FOLDER</code>, or the sample venues with{" "}
          <code>make demo</code>.
        </p>
      </section>
    );
  const { relax } = answer;
  const next = relax ? relaxed(state, relax.constraint, answer.interpreted?.parts ?? []) : undefined;
  return (
    <section className="trouble">
      <h2>No venue fits all of this</h2>
      {relax && next ? (
        <>
          <p>
            Without “{relax.text}” there {relax.venues === 1 ? "is" : "are"} {plural(relax.venues, "venue")}.
          </p>
          <button type="button" className="button primary" onClick={() => go(next)}>
            Let go of it
          </button>
        </>
      ) : (
        <p>Ask for less, or for something else.</p>
      )}
      {state.strict && (
        <button type="button" className="button" onClick={() => go(changed(state, { strict: false }))}>
          Show weaker matches too
        </button>
      )}
      <button type="button" className="button plain" onClick={() => go(EMPTY)}>
        Start afresh
      </button>
    </section>
  );
}
