import type { components } from "./schema";

type Details = components["schemas"]["Problem"];

/** What the service, or the way to it, had against a request. Compare `kind`; `message` is for people. */
export class Problem extends Error {
  override name = "Problem";
  /** The last part of the problem's `type`: "not-found", "unauthorised", … or "unreachable" for no answer at all. */
  readonly kind: string;
  readonly status: number;
  readonly details: Details | undefined;

  constructor(kind: string, status: number, message: string, details?: Details) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.details = details;
  }
}

/** Return the problem that a response tells, also where something on the way answered in its place. */
export async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => undefined);
  return told(body, response.status);
}

export function told(body: unknown, status: number): Problem {
  if (isDetails(body)) {
    return new Problem(body.type.split(":").pop() ?? "unknown", body.status, body.detail, body);
  }
  const kind = status >= 502 && status <= 504 ? "unreachable" : "unknown";
  return new Problem(kind, status, `The service answered ${status}, and not in its own words.`);
}

export function unreachable(cause: unknown): Problem {
  const problem = new Problem("unreachable", 0, "The service does not answer.");
  problem.cause = cause;
  return problem;
}

function isDetails(body: unknown): body is Details {
  return typeof body === "object" && body !== null && "type" in body && "detail" in body && "status" in body;
}
