import type { Schema } from "@venuefinder/client";
import { useCallback, useId, useRef, useState } from "react";
import { Photo } from "../photo/Photo";
import { proof, STATUS_WORDS } from "../search/proof";
import { Floating } from "./Floating";
import { Icon } from "./icons";

type Hit = Schema<"VenueHit">;
type Clause = Schema<"ClauseAnswer">;

/** Closes the proof that is shown: there is one at a time, whether by pointer or by keyboard. */
let shown: (() => void) | undefined;

/** What is known of each thing that was asked, for one venue. Hovering, focus or a tap shows what backs it up. */
export function Marks({ hit }: { hit: Hit }) {
  if (hit.clauses.length === 0) return null;
  return (
    <ul className="marks" aria-label={`What is known of ${hit.venue.name}`}>
      {hit.clauses.map((clause) => (
        <li key={clause.text}>
          <Mark clause={clause} hit={hit} />
        </li>
      ))}
    </ul>
  );
}

function Mark({ clause, hit }: { clause: Clause; hit: Hit }) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const id = useId();
  const close = useCallback(() => setOpen(false), []);
  const show = () => {
    if (shown !== close) shown?.();
    shown = close;
    setOpen(true);
  };
  return (
    <>
      <button
        ref={anchor}
        type="button"
        className={`mark mark-${clause.status}`}
        aria-describedby={open ? id : undefined}
        onPointerEnter={(event) => event.pointerType === "mouse" && show()}
        onPointerLeave={(event) => event.pointerType === "mouse" && close()}
        onFocus={show}
        onBlur={close}
        onClick={show}
      >
        <Icon name={clause.status} size={14} />
        <span className="mark-text">{clause.text}</span>
        <span className="hidden">: {STATUS_WORDS[clause.status]}</span>
      </button>
      {open && (
        <Floating anchor={anchor} className="proof" role="tooltip" id={id} onClose={close}>
          {clause.photo_id !== null && <ProofPhoto id={clause.photo_id} hit={hit} />}
          <strong className={`proof-status mark-${clause.status}`}>
            <Icon name={clause.status} size={14} /> {STATUS_WORDS[clause.status]}
          </strong>
          <span>{proof(clause, hit)}</span>
        </Floating>
      )}
    </>
  );
}

function ProofPhoto({ id, hit }: { id: number; hit: Hit }) {
  const photo = hit.photo?.id === id ? hit.photo : { id, url: `/v1/photos/${id}/image`, width: 320, height: 213 };
  return (
    <span className="proof-photo">
      <Photo photo={photo} alt={`A photo of ${hit.venue.name}`} sizes="260px" wide={260} />
    </span>
  );
}
