import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { sure } from "@venuefinder/client";
import { service } from "../service";

const AGAIN_MS = 2500;
const MOST_WAITS = 24;

export function venueQuery(id: string) {
  return {
    queryKey: ["venue", id],
    queryFn: async ({ signal }: { signal: AbortSignal }) =>
      sure(await service.api.GET("/v1/venues/{external_id}", { params: { path: { external_id: id } }, signal })),
    staleTime: 60_000,
  };
}

export function useVenue(id: string) {
  return useQuery(venueQuery(id));
}

/** What the photos show; asked again while more of them are being read. */
export function useDescription(id: string) {
  return useQuery({
    queryKey: ["description", id],
    queryFn: async ({ signal }) =>
      sure(
        await service.api.GET("/v1/venues/{external_id}/description", {
          params: { path: { external_id: id }, query: { wait: 2 } },
          signal,
        }),
      ),
    staleTime: 60_000,
    retry: false,
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data && !data.complete && dataUpdateCount < MOST_WAITS ? AGAIN_MS : false,
  });
}

export interface Wish {
  guests?: number | undefined;
  hours?: number | undefined;
}

export function useSimilar(id: string, { guests, hours }: Wish, cheaper: boolean, enabled = true) {
  const query = { limit: 4, cheaper, ...(guests && { guests }), ...(hours && { hours }) };
  return useQuery({
    queryKey: ["similar", id, query],
    queryFn: async ({ signal }) =>
      sure(
        await service.api.GET("/v1/venues/{external_id}/similar", {
          params: { path: { external_id: id }, query },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    enabled,
  });
}
