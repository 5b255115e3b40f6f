import { Icon } from "../parts/icons";
import { plural } from "../parts/words";
import type { Rerank } from "./useRerank";

interface Props {
  rerank: Rerank;
  onCancel: () => void;
  /** A better order is known, and withheld because somebody looks at this one. */
  waiting: boolean;
  onShow: () => void;
}

/** How far the model is that looks at photos; and the better order, once there is one. */
export function Progress({ rerank, onCancel, waiting, onShow }: Props) {
  const { state, scores, of, reason } = rerank;
  if (state === "idle") return null;
  return (
    <div className="progress" role="status">
      {state === "looking" && (
        <>
          <span>
            Looking at the photos of {plural(of, "venue")}… {scores.size} done
          </span>
          <progress max={of} value={scores.size} aria-label="Venues whose photos were looked at" />
          <button type="button" className="button plain" onClick={onCancel}>
            Stop
          </button>
        </>
      )}
      {state === "done" && (
        <span>
          <Icon name="check" size={16} /> Ordered by what the photos show.{reason ? ` ${reason}` : ""}
        </span>
      )}
      {state === "stopped" && <span>Stopped. This is the order by then.</span>}
      {state === "failed" && <span>The closer look did not work, so the first order stands. {reason}</span>}
      {state === "unchanged" && <span>The order stands as it is. {reason}</span>}
      {waiting && state !== "looking" && (
        <button type="button" className="button primary" onClick={onShow}>
          Show the refined order
        </button>
      )}
    </div>
  );
}
