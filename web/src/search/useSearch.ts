import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Problem, type SearchAnswer } from "@venuefinder/client";
import { useRef } from "react";
import { service } from "../service";
import { onlyUnwanted, PAGE, request, type SearchState } from "./state";

/** The answer to a state of the page, page by page. The first page is as long as the address says. */
export function useSearch(state: SearchState) {
  const first = useRef(state.shown);
  first.current = state.shown;
  const body = request(state);
  return useInfiniteQuery({
    queryKey: ["search", body],
    queryFn: ({ pageParam, signal }) => {
      const page = pageParam === undefined ? { limit: first.current } : { limit: PAGE, cursor: pageParam, facets: [] };
      const { rerank, ...again } = body;
      return service.search({ ...(pageParam === undefined ? body : { ...again, rerank: false }), ...page }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: SearchAnswer) => last.next_cursor ?? undefined,
    enabled: !onlyUnwanted(state),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: (times, error) => times < 2 && error instanceof Problem && error.kind === "unreachable",
  });
}
