/** How a list takes a new order while somebody looks at it. Lists hold ids, each once. */

/**
 * Put those that were judged in the order of their scores, into the places that judged ones have.
 * One without a score keeps its place, as in the service's own final order; equal scores keep theirs too.
 */
export function byScores(ids: readonly string[], scores: ReadonlyMap<string, number>): string[] {
  const judged = ids.filter((id) => scores.has(id));
  const best = judged.toSorted((one, other) => (scores.get(other) ?? 0) - (scores.get(one) ?? 0));
  return refill(ids, (id) => !scores.has(id), best);
}

/** Take the order of `wanted`, but leave what is `held` exactly where it is: nothing jumps under the cursor. */
export function refine(shown: readonly string[], wanted: readonly string[], held: ReadonlySet<string>): string[] {
  const known = new Set(shown);
  const others = wanted.filter((id) => known.has(id) && !held.has(id));
  const named = new Set(wanted);
  return refill(shown, (id) => held.has(id) || !named.has(id), others);
}

export function sameOrder(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, place) => id === other[place]);
}

function refill(ids: readonly string[], stays: (id: string) => boolean, rest: readonly string[]): string[] {
  let next = 0;
  return ids.map((id) => (stays(id) ? id : (rest[next++] ?? id)));
}
