import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type RerankEvent, venueFinder } from ".";
import { Problem } from "./problem";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A service on loopback that answers each request with the next of these. */
async function serving(...answers: Answer[]) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => server.closeAllConnections();
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { service: venueFinder({ baseUrl, key: "s3cret" }), requests };
}

const score = (id: number, venue: string) =>
  `event: score\ndata: {"external_id":"${venue}","score":0.5,"photo_id":1,"fused":null,"rank":1}\nid: ${id}\n\n`;
const done = 'event: done\ndata: {"order":["a","b"],"model":"m","seconds":1,"kept":[],"reason":null}\nid: 9\n\n';

async function all(stream: AsyncGenerator<RerankEvent>): Promise<string[]> {
  const told: string[] = [];
  for await (const event of stream) told.push(event.name === "score" ? event.data.external_id : event.name);
  return told;
}

describe("a stream", () => {
  it("is read however it is cut into pieces, with comments between, and with the key", async () => {
    const { service, requests } = await serving((_, response) => {
      response.setHeader("Content-Type", "text/event-stream");
      const bytes = Buffer.from(`: awake\n\n${score(1, "café")}: awake\r\n\r\n${done}`);
      for (let at = 0; at < bytes.length; at += 3) response.write(bytes.subarray(at, at + 3));
      response.end();
    });

    expect(await all(service.rerankEvents("/v1/reranks/t/events"))).toEqual(["café", "done"]);
    expect(requests[0]?.url).toBe("/v1/reranks/t/events");
    expect(requests[0]?.headers["x-api-key"]).toBe("s3cret");
  });

  it("that breaks off is taken up after what was received", async () => {
    const { service, requests } = await serving(
      (_, response) => response.write(score(1, "a"), () => response.destroy()),
      (_, response) => response.end(score(2, "b") + done),
    );

    expect(await all(service.rerankEvents("/v1/reranks/t/events"))).toEqual(["a", "b", "done"]);
    expect(requests.map((request) => request.headers["last-event-id"])).toEqual([undefined, "1"]);
  });

  it("that is refused is a problem, and not asked for again", async () => {
    const { service, requests } = await serving((_, response) => {
      response.writeHead(404, { "Content-Type": "application/problem+json" });
      response.end('{"type":"urn:venuefinder:problem:not-found","title":"t","status":404,"detail":"too old"}');
    });

    await expect(all(service.rerankEvents("/v1/reranks/t/events"))).rejects.toMatchObject({
      kind: "not-found",
      status: 404,
      message: "too old",
    });
    expect(requests).toHaveLength(1);
  });

  it("ends when the reader wants no more", async () => {
    const { service } = await serving((_, response) => void response.write(score(1, "a")));
    const ended = new AbortController();
    const stream = service.rerankEvents("/v1/reranks/t/events", ended.signal);

    expect((await stream.next()).value).toMatchObject({ name: "score", id: "1" });
    ended.abort();
    await expect(stream.next()).rejects.toThrow();
  });
});

describe("what goes wrong", () => {
  it("is a problem in the service's words", async () => {
    const { service } = await serving((_, response) => {
      response.writeHead(422, { "Content-Type": "application/problem+json" });
      response.end('{"type":"urn:venuefinder:problem:unusable-input","title":"t","status":422,"detail":"say what"}');
    });

    await expect(service.search({})).rejects.toMatchObject({ kind: "unusable-input", message: "say what" });
  });

  it("is a problem where something on the way answered", async () => {
    const { service } = await serving((_, response) => response.writeHead(502).end("<html>bad gateway"));

    await expect(service.search({})).rejects.toMatchObject({ kind: "unreachable", status: 502 });
  });

  it("is a problem where nobody answered", async () => {
    const service = venueFinder({ baseUrl: "http://127.0.0.1:9" });

    await expect(service.search({})).rejects.toBeInstanceOf(Problem);
    await expect(service.search({})).rejects.toMatchObject({ kind: "unreachable" });
  });
});
