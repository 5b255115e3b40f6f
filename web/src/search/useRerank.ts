import { Problem, type Schema } from "@venuefinder/client";
import { useCallback, useEffect, useReducer, useRef } from "react";
import { service } from "../service";
import { byScores } from "./order";

export interface Rerank {
  state: "idle" | "looking" | "done" | "stopped" | "failed" | "unchanged";
  scores: ReadonlyMap<string, number>;
  /** The order that the scores so far ask for. */
  wanted: readonly string[];
  of: number;
  reason: string | null;
  model: string | null;
}

type Move =
  | { to: "start"; ids: readonly string[] }
  | { to: "score"; id: string; score: number; ids: readonly string[] }
  | { to: "done"; order: readonly string[]; model: string; reason: string | null }
  | { to: "stopped" }
  | { to: "failed" | "unchanged"; reason: string | null; ids: readonly string[] };

const IDLE: Rerank = { state: "idle", scores: new Map(), wanted: [], of: 0, reason: null, model: null };

export function moved(now: Rerank, move: Move): Rerank {
  switch (move.to) {
    case "start":
      return { ...IDLE, state: "looking", wanted: move.ids, of: move.ids.length };
    case "score": {
      const scores = new Map(now.scores).set(move.id, move.score);
      return { ...now, scores, wanted: byScores(move.ids, scores) };
    }
    case "done":
      return { ...now, state: "done", wanted: move.order, model: move.model, reason: move.reason };
    case "stopped":
      return { ...now, state: "stopped" };
    default:
      return { ...IDLE, state: move.to, wanted: move.ids, reason: move.reason };
  }
}

/** Follow the rerank of a first page while it is shown. `ids`: that page's venues, as retrieval has them. */
export function useRerank(answer: Schema<"RerankAnswer"> | null, ids: readonly string[]) {
  const [rerank, move] = useReducer(moved, IDLE);
  const stop = useRef<() => void>(undefined);
  const venues = useRef(ids);
  venues.current = ids;
  const stream = answer?.stream ?? null;
  const state = answer?.state ?? null;
  const reason = answer?.reason ?? null;

  useEffect(() => {
    const of = venues.current;
    if (state === null) return;
    if (stream === null || (state !== "pending" && state !== "late")) {
      move({ to: state === "failed" || state === "off" ? "failed" : "unchanged", reason, ids: of });
      return;
    }
    const ended = new AbortController();
    stop.current = () => {
      ended.abort();
      move({ to: "stopped" });
      void service.cancelRerank(stream).catch(() => undefined);
    };
    move({ to: "start", ids: of });
    void follow(stream, of, ended.signal, move);
    return () => ended.abort();
  }, [stream, state, reason]);

  const cancel = useCallback(() => stop.current?.(), []);
  return { rerank, cancel };
}

async function follow(stream: string, ids: readonly string[], signal: AbortSignal, move: (move: Move) => void) {
  try {
    for await (const event of service.rerankEvents(stream, signal)) {
      if (event.name === "score") {
        const { external_id: id, score, fused } = event.data;
        move({ to: "score", id, score: fused ?? score, ids });
      } else if (event.name === "done") {
        move({ to: "done", order: event.data.order, model: event.data.model, reason: event.data.reason });
      } else if (event.name === "error") {
        move({ to: "failed", reason: event.data.reason, ids });
      }
    }
  } catch (error) {
    if (signal.aborted) return;
    move({ to: "failed", reason: error instanceof Problem ? error.message : "The connection broke off.", ids });
  }
}
