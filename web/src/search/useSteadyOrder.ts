import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { refine, sameOrder } from "./order";

const MOVE_MS = 320;

/**
 * The order in which cards are shown, led towards the one that is wanted.
 *
 * While a pointer or the keyboard is among the cards, those in sight stay where they are, and only the others move. The
 * rest of the change waits until the reader leaves the cards, or asks for it.
 */
export function useSteadyOrder(ids: readonly string[], wanted: readonly string[], grid: RefObject<HTMLElement | null>) {
  const [order, setOrder] = useState(ids);
  const [from, setFrom] = useState(ids);
  if (from !== ids) {
    setFrom(ids);
    if (!sameMembers(ids, order)) setOrder(ids);
  }
  const before = useRef(new Map<string, DOMRect>());
  const engaged = useEngaged(grid);

  const lead = useCallback(
    (held: ReadonlySet<string>) => {
      before.current = places(grid.current);
      setOrder((now) => {
        const next = refine(now, wanted, held);
        return sameOrder(now, next) ? now : next;
      });
    },
    [wanted, grid],
  );
  useEffect(() => {
    if (wanted.length > 0) lead(engaged ? inSight(grid.current) : new Set());
  }, [wanted, engaged, lead, grid]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: cards are where they are because of the order
  useLayoutEffect(() => {
    slide(grid.current, before.current);
    before.current = new Map();
  }, [order, grid]);

  const waiting = wanted.length > 0 && !sameOrder(refine(order, wanted, new Set()), order);
  const show = useCallback(() => lead(new Set()), [lead]);
  return { order, waiting, show };
}

function sameMembers(one: readonly string[], other: readonly string[]): boolean {
  const members = new Set(one);
  return one.length === other.length && other.every((id) => members.has(id));
}

/** Whether somebody points at, or tabbed into, what is in the element. */
function useEngaged(element: RefObject<HTMLElement | null>): boolean {
  const [engaged, setEngaged] = useState(false);
  useEffect(() => {
    const tell = (event: Event) => {
      const inside = element.current?.contains(event.target as Node) ?? false;
      setEngaged((was) =>
        event.type === "pointermove" && (event as PointerEvent).pointerType !== "mouse" ? was : inside,
      );
    };
    const events = ["pointermove", "pointerdown", "focusin"] as const;
    for (const name of events) document.addEventListener(name, tell, { passive: true });
    return () => {
      for (const name of events) document.removeEventListener(name, tell);
    };
  }, [element]);
  return engaged;
}

function cards(grid: HTMLElement | null): HTMLElement[] {
  return [...(grid?.querySelectorAll<HTMLElement>("[data-venue]") ?? [])];
}

function places(grid: HTMLElement | null): Map<string, DOMRect> {
  return new Map(cards(grid).map((card) => [card.dataset.venue ?? "", card.getBoundingClientRect()]));
}

function inSight(grid: HTMLElement | null): Set<string> {
  const seen = [...places(grid)].filter(([, { top, bottom }]) => bottom > 0 && top < window.innerHeight);
  return new Set(seen.map(([id]) => id));
}

/** Let cards slide from where they were, unless the reader wants no motion. */
function slide(grid: HTMLElement | null, before: ReadonlyMap<string, DOMRect>): void {
  if (before.size === 0 || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const card of cards(grid)) {
    const was = before.get(card.dataset.venue ?? "");
    const is = card.getBoundingClientRect();
    if (!was || (was.left === is.left && was.top === is.top)) continue;
    const start = `translate(${was.left - is.left}px, ${was.top - is.top}px)`;
    card.animate([{ transform: start }, { transform: "none" }], {
      duration: MOVE_MS,
      easing: "cubic-bezier(.2,.7,.2,1)",
    });
  }
}
