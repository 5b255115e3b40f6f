import { useEffect, useState } from "react";

const SLOW_MS = 4000;

/** Empty cards in the shape of what comes. */
export function Waiting({ count = 8 }: { count?: number }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true">
      <p className="notice" role="status">
        {slow ? "This takes longer than usual." : "\u00a0"}
      </p>
      <div className="grid" aria-hidden="true">
        {Array.from({ length: count }, (_, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
          <div className="card ghost" key={place}>
            <div className="cover" />
            <div className="ghost-line" />
            <div className="ghost-line short" />
          </div>
        ))}
      </div>
    </div>
  );
}
