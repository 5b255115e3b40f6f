import { useEffect, useRef } from "react";
import { useLocation } from "wouter";

/** A page that is gone to begins at its top; one that is gone back to is where it was, which the browser sees to. */
export function useScrollToTop(): void {
  const [path] = useLocation();
  const back = useRef(true);
  useEffect(() => {
    const popped = () => {
      back.current = true;
    };
    window.addEventListener("popstate", popped);
    return () => window.removeEventListener("popstate", popped);
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the path having changed
  useEffect(() => {
    if (!back.current) window.scrollTo({ top: 0 });
    back.current = false;
  }, [path]);
}
