import createFetch, { type Client } from "openapi-fetch";
import { events, type Told } from "./events";
import { Problem, told, unreachable } from "./problem";
import type { components, paths } from "./schema";

export type { Told } from "./events";
export { Problem } from "./problem";
export type { components, paths } from "./schema";

/** A schema of the OpenAPI document by its name. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];
export type SearchRequest = Schema<"SearchRequest">;
export type SearchAnswer = Schema<"SearchAnswer">;

export type RerankEvent =
  | Told<"score", Schema<"RerankScore">>
  | Told<"description", Schema<"Description">>
  | Told<"done", { order: string[]; model: string; seconds: number; kept: string[]; reason: string | null }>
  | Told<"error", { reason: string }>;
export type IngestionEvent = Told<"progress" | "done" | "failed" | "cancelled", Schema<"IngestionAnswer">>;

export interface Options {
  /** Where the service is; left out: where the page came from. */
  baseUrl?: string;
  /** VENUEFINDER_API_KEY, where the service has one; a function is asked each time. */
  key?: string | (() => string | undefined);
  fetch?: typeof globalThis.fetch;
}

/** The API with types made from its OpenAPI document; everything that goes wrong is thrown as a `Problem`. */
export interface VenueFinder {
  /** Every operation by path: `api.GET("/v1/venues/{external_id}", …)`; see openapi-fetch. */
  api: Client<paths>;
  search(request: SearchRequest, signal?: AbortSignal): Promise<SearchAnswer>;
  /** Upload pictures to search with: one id each, good for an hour. */
  upload(files: readonly Blob[], signal?: AbortSignal): Promise<Schema<"UploadAnswer">[]>;
  /** What a rerank finds, as it finds it. `stream` is `rerank.stream` of an answer. */
  rerankEvents(stream: string, signal?: AbortSignal): AsyncGenerator<RerankEvent, void, undefined>;
  cancelRerank(stream: string): Promise<void>;
  ingestionEvents(id: string, signal?: AbortSignal): AsyncGenerator<IngestionEvent, void, undefined>;
  /** The bytes of a picture: an `<img>` can send no key. */
  picture(url: string, signal?: AbortSignal): Promise<Blob>;
}

export function venueFinder({ baseUrl = "", key, fetch = globalThis.fetch }: Options = {}): VenueFinder {
  const headers = (): Record<string, string> => {
    const known = typeof key === "function" ? key() : key;
    return known ? { "X-API-Key": known } : {};
  };
  const send: typeof globalThis.fetch = async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (error) {
      throw init?.signal?.aborted || (input instanceof Request && input.signal.aborted) ? error : unreachable(error);
    }
  };
  // Asked when it is needed: without a page around it (a test, a script) there is no origin to be relative to.
  const api = createFetch<paths>({ baseUrl, fetch: (request) => send(request) });
  api.use({
    onRequest({ request }) {
      for (const [name, value] of Object.entries(headers())) request.headers.set(name, value);
    },
    async onResponse({ response }) {
      if (!response.ok) throw told(await response.json().catch(() => undefined), response.status);
    },
  });
  const listen = (path: string) => (more: Record<string, string>, signal: AbortSignal | undefined) =>
    fetch(baseUrl + path, { headers: { ...headers(), ...more }, signal: signal ?? null });

  return {
    api,
    async search(body, signal) {
      // openapi-fetch forgets that a span is a pair; the schema says so.
      return sure(await api.POST("/v1/search", { body, ...(signal && { signal }) })) as SearchAnswer;
    },
    async upload(files, signal) {
      const form = new FormData();
      for (const file of files) form.append("files", file);
      const response = await send(`${baseUrl}/v1/uploads`, {
        method: "POST",
        body: form,
        headers: headers(),
        signal: signal ?? null,
      });
      const answer: unknown = await response.json().catch(() => undefined);
      if (!response.ok) throw told(answer, response.status);
      return (answer as Schema<"UploadsAnswer">).uploads;
    },
    rerankEvents: (stream, signal) => events<RerankEvent>(listen(stream), ["done", "error"], signal),
    async cancelRerank(stream) {
      await send(baseUrl + stream.replace(/\/events$/, ""), { method: "DELETE", headers: headers() });
    },
    ingestionEvents: (id, signal) =>
      events<IngestionEvent>(
        listen(`/v1/ingestions/${encodeURIComponent(id)}/events`),
        ["done", "failed", "cancelled"],
        signal,
      ),
    async picture(url, signal) {
      const response = await send(baseUrl + url, { headers: headers(), signal: signal ?? null });
      if (!response.ok) throw told(await response.json().catch(() => undefined), response.status);
      return response.blob();
    },
  };
}

/** The data of an answer that was not refused; refusals were thrown before. */
export function sure<T>({ data }: { data?: T }): T {
  if (data === undefined) throw new Problem("unknown", 0, "The service answered nothing.");
  return data;
}
