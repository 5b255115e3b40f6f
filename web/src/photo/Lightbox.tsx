import type { Schema } from "@venuefinder/client";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../parts/icons";
import { Photo } from "./Photo";

interface Props {
  photos: readonly Schema<"PhotoAnswer">[];
  /** The photo to begin with, by its id. */
  at: number;
  /** What the reader came to see, for example a claim. */
  note?: string | undefined;
  name: string;
  onClose: () => void;
}

/** All photos of a venue, one at a time: arrow keys, swiping, or the buttons. */
export function Lightbox({ photos, at, note, name, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const strip = useRef<HTMLElement>(null);
  const first = Math.max(
    photos.findIndex(({ id }) => id === at),
    0,
  );
  const [place, setPlace] = useState(first);
  const show = (next: number, behavior: ScrollBehavior = "auto") => {
    const inside = Math.min(Math.max(next, 0), photos.length - 1);
    strip.current?.scrollTo({ left: inside * strip.current.clientWidth, behavior });
  };
  useEffect(() => {
    dialog.current?.showModal();
    strip.current?.scrollTo({ left: first * strip.current.clientWidth });
  }, [first]);

  const keyed = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowLeft: place - 1,
      ArrowRight: place + 1,
      Home: 0,
      End: photos.length - 1,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  };
  const caption = photos[place]?.caption ?? photos[place]?.room;
  return (
    <dialog ref={dialog} className="lightbox" aria-label={`Photos of ${name}`} onClose={onClose} onKeyDown={keyed}>
      <header>
        <p aria-live="polite">
          {place + 1} of {photos.length}
          {note && place === first && <strong>{note}</strong>}
        </p>
        <button type="button" className="round" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <section
        ref={strip}
        className="strip"
        aria-label="Photos, one beside the other"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollLeft, clientWidth } }) => setPlace(Math.round(scrollLeft / clientWidth))}
      >
        {photos.map((photo, index) => (
          <figure key={photo.id} aria-hidden={index !== place}>
            {Math.abs(index - place) < 2 && (
              <Photo
                photo={photo}
                alt={photo.caption ?? `${name}, photo ${index + 1}`}
                sizes="100vw"
                wide={1280}
                eager={index === place}
                whole
              />
            )}
          </figure>
        ))}
      </section>
      <footer>
        <button
          type="button"
          className="round"
          aria-label="Photo before"
          disabled={place === 0}
          onClick={() => show(place - 1, "smooth")}
        >
          <Icon name="left" />
        </button>
        <p>{caption}</p>
        <button
          type="button"
          className="round"
          aria-label="Next photo"
          disabled={place === photos.length - 1}
          onClick={() => show(place + 1, "smooth")}
        >
          <Icon name="right" />
        </button>
      </footer>
    </dialog>
  );
}
