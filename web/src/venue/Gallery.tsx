import type { Schema } from "@venuefinder/client";
import { Icon } from "../parts/icons";
import { plural } from "../parts/words";
import { Photo } from "../photo/Photo";

interface Props {
  photos: readonly Schema<"PhotoAnswer">[];
  name: string;
  onOpen: (photo: number) => void;
}

const IN_SIGHT = 5;

/** The first photos; each opens all of them. On a phone they lie in a row to swipe. */
export function Gallery({ photos, name, onOpen }: Props) {
  if (photos.length === 0)
    return (
      <div className="gallery gallery-none photo-dead">
        <Icon name="image" size={32} />
        <span>This venue has no photos yet</span>
      </div>
    );
  const shown = photos.slice(0, IN_SIGHT);
  return (
    <div className="gallery-frame">
      <ul className={`gallery gallery-${shown.length}`} aria-label="Photos">
        {shown.map((photo, place) => (
          <li key={photo.id}>
            <button
              type="button"
              onClick={() => onOpen(photo.id)}
              aria-label={`Open ${photo.caption ?? `photo ${place + 1}`}`}
            >
              <Photo
                photo={photo}
                alt={photo.caption ?? `${name}, photo ${place + 1}`}
                sizes={place === 0 ? "(max-width: 700px) 92vw, 680px" : "(max-width: 700px) 92vw, 340px"}
                wide={place === 0 ? 680 : 340}
                eager={place < 3}
              />
            </button>
          </li>
        ))}
      </ul>
      {photos.length > 1 && photos[0] && (
        <button type="button" className="button gallery-all" onClick={() => photos[0] && onOpen(photos[0].id)}>
          <Icon name="grid" size={18} /> {plural(photos.length, "photo")}
        </button>
      )}
    </div>
  );
}
