import type { SearchAnswer } from "@venuefinder/client";
import { useEffect, useRef } from "react";
import { plural } from "../parts/words";

interface Props {
  answer: SearchAnswer;
  more: boolean;
  loading: boolean;
  ended: boolean;
  onMore: () => void;
}

/** The end of the list: it fetches the next page before it is reached, and says what was left out. */
export function Foot({ answer, more, loading, ended, onMore }: Props) {
  const end = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    if (!more || loading || !end.current) return;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
      { rootMargin: "800px" },
    );
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [more, loading]);
  const told = leftOut(answer);
  return (
    <div ref={end} className="foot">
      {loading && <p role="status">More venues are coming…</p>}
      {more && !loading && (
        <button type="button" className="button plain" onClick={onMore}>
          Show more venues
        </button>
      )}
      {ended && told && <p className="quiet">{told}</p>}
      {answer.warnings.map((warning) => (
        <p className="quiet" key={warning}>
          {warning}
        </p>
      ))}
    </div>
  );
}

function leftOut({ left_out: left }: SearchAnswer): string {
  const told = [
    left.unknown_price > 0 && `${plural(left.unknown_price, "venue")} that name no price`,
    left.unknown_capacity > 0 && `${plural(left.unknown_capacity, "venue")} that do not say how many they hold`,
    left.other_currency > 0 && `${plural(left.other_currency, "venue")} priced in another currency`,
  ].filter(Boolean);
  return told.length > 0 ? `Left out: ${told.join(", ")}.` : "";
}
