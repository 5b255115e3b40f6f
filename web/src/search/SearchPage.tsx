import { useEffect, useState } from "react";
import { Trouble } from "../parts/Trouble";
import { Chips } from "./Chips";
import { Dropping } from "./Dropping";
import { MoodBoard } from "./MoodBoard";
import { type Refused, upload } from "./pictures";
import { Results } from "./Results";
import { SearchBox } from "./SearchBox";
import { asksRelevance, changed, isEmpty, MOST_PICTURES, onlyUnwanted, type SearchState } from "./state";
import { Toolbar } from "./Toolbar";
import { useSearch } from "./useSearch";
import { useSearchState } from "./useSearchState";
import { Waiting } from "./Waiting";

export function SearchPage() {
  const { state, go } = useSearchState();
  const found = useSearch(state);
  const { refused, sending, add } = usePictures(state, go);
  const first = found.data?.pages[0];
  const start = isEmpty(state);

  useEffect(() => {
    document.title = state.q ? `${state.q} · VenueFinder` : "VenueFinder";
  }, [state.q]);

  return (
    <Dropping onFiles={add}>
      <main id="main" className={start ? "page search start" : "page search"}>
        <section className="ask" aria-label="Search">
          {start && <h1>Describe the place you have in mind</h1>}
          <SearchBox state={state} go={go} onFiles={add} sending={sending} />
          {!start && <MoodBoard state={state} go={go} />}
          <Refusals refused={refused} />
          {!start && <Chips state={state} go={go} answer={first} />}
        </section>
        <Toolbar state={state} go={go} answer={first} start={start} failed={found.isError} />
        {onlyUnwanted(state) ? (
          <p className="notice">Less like these, but like what? Add a few words, or a picture of what you do want.</p>
        ) : found.error && !found.data ? (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        ) : found.data ? (
          <Results state={state} go={go} found={found} relevant={asksRelevance(state)} />
        ) : (
          <Waiting />
        )}
      </main>
    </Dropping>
  );
}

function usePictures(state: SearchState, go: (next: SearchState) => void) {
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const [sending, setSending] = useState(false);
  const add = async (files: readonly File[]) => {
    const room = MOST_PICTURES - state.pictures.length;
    const over = files.slice(room).map(({ name }) => ({ name, why: `is one too many; ${MOST_PICTURES} is the most` }));
    setSending(true);
    setRefused([]);
    const sent = await upload(files.slice(0, room));
    setSending(false);
    setRefused([...sent.refused, ...over]);
    const pictures = [...state.pictures, ...sent.ids.map((id) => ({ upload: id, weight: 1 }))];
    if (sent.ids.length > 0) go(changed(state, { pictures }));
  };
  return { refused, sending, add };
}

function Refusals({ refused }: { refused: readonly Refused[] }) {
  if (refused.length === 0) return null;
  return (
    <div className="refusals" role="alert">
      <ul>
        {refused.map(({ name, why }) => (
          <li key={name}>
            <strong>{name}</strong> {why}.
          </li>
        ))}
      </ul>
    </div>
  );
}
