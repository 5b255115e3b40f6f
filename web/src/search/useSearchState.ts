import { useCallback, useMemo } from "react";
import { useLocation, useSearch as useQueryString } from "wouter";
import { read, type SearchState, write } from "./state";

/** The state of the search page is its address, so Back, reload and a link to a friend all show the same. */
export function useSearchState() {
  const text = useQueryString();
  const [, navigate] = useLocation();
  const state = useMemo(() => read(text), [text]);
  const go = useCallback(
    (next: SearchState, { quietly = false } = {}) => {
      navigate(`/${write(next)}`, { replace: quietly });
      if (!quietly) window.scrollTo({ top: 0 });
    },
    [navigate],
  );
  return { state, go };
}
