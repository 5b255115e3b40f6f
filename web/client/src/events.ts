import { EventSourceParserStream } from "eventsource-parser/stream";
import { problemOf, unreachable } from "./problem";

/** One server-sent event whose data is JSON. */
export interface Told<Name extends string, Data> {
  name: Name;
  data: Data;
  id: string | undefined;
}

type Ask = (headers: Record<string, string>, signal: AbortSignal | undefined) => Promise<Response>;

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

/**
 * Read a stream of events to its end, by fetch: `EventSource` cannot send a key.
 *
 * A stream that breaks off before one of the `last` events is taken up again after what was received, a few times; then
 * it is a Problem of kind "unreachable". What the service refuses is thrown at once.
 */
export async function* events<Event extends Told<string, unknown>>(
  ask: Ask,
  last: readonly Event["name"][],
  signal?: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  let received: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await ask(received === undefined ? {} : { "Last-Event-ID": received }, signal);
      if (!response.ok || response.body === null) throw await problemOf(response);
      for await (const event of parsed<Event>(response.body)) {
        received = event.id ?? received;
        attempt = 1;
        yield event;
        if (last.includes(event.name)) return;
      }
    } catch (error) {
      if (signal?.aborted || !isBroken(error)) throw error;
    }
    if (attempt >= ATTEMPTS) throw unreachable("the stream broke off");
    await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), signal);
  }
}

async function* parsed<Event extends Told<string, unknown>>(body: ReadableStream<Uint8Array>): AsyncGenerator<Event> {
  const decoder = new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>;
  const reader = body.pipeThrough(decoder).pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { event = "message", data, id } = next.value;
      yield { name: event, data: JSON.parse(data), id } as Event;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Fetch and streams say by TypeError that the connection broke. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === "NetworkError");
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
