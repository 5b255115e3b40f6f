import type { Schema } from "@venuefinder/client";
import { Link } from "wouter";
import { Icon } from "../parts/icons";
import { Marks } from "../parts/Marks";
import { SaveButton } from "../parts/SaveButton";
import { largest, money, number, rate, where } from "../parts/words";
import { Photo } from "../photo/Photo";

type Hit = Schema<"VenueHit">;

interface Props {
  hit: Hit;
  eager: boolean;
  /** Ask for venues that look more, or less, like the photo that is shown. */
  onLike?: (photo: number, more: boolean) => void;
  /** Asked on: guests and hours that the venue's own page should count with. */
  query: string;
}

export function VenueCard({ hit, eager, onLike, query }: Props) {
  const { venue, photo } = hit;
  const holds = largest(venue);
  return (
    <article className="card" data-venue={venue.external_id}>
      <div className="cover">
        {photo ? (
          <Photo
            photo={photo}
            alt={photo.caption ?? `A photo of ${venue.name}`}
            sizes="(max-width: 560px) 100vw, (max-width: 900px) 50vw, (max-width: 1240px) 33vw, 320px"
            wide={360}
            eager={eager}
          />
        ) : (
          <span className="photo photo-dead">
            <Icon name="image" size={28} />
            <span>No photos yet</span>
          </span>
        )}
        <SaveButton id={venue.external_id} name={venue.name} />
        {photo && onLike && (
          <div className="likes">
            <button type="button" onClick={() => onLike(photo.id, true)}>
              <Icon name="more" size={14} /> More like this<span className="hidden">: {venue.name}</span>
            </button>
            <button type="button" onClick={() => onLike(photo.id, false)}>
              <Icon name="less" size={14} /> Less<span className="hidden"> like {venue.name}</span>
            </button>
          </div>
        )}
      </div>
      <div className="card-text">
        <h2>
          <Link href={`/venues/${encodeURIComponent(venue.external_id)}${query}`} state={{ fromSearch: true }}>
            {venue.name}
          </Link>
        </h2>
        <p className="quiet">{[venue.kind, where(venue, hit.distance_km)].filter(Boolean).join(" · ")}</p>
        <p className="facts">
          <Cost hit={hit} />
          {holds !== undefined && <span className="quiet">up to {number(holds)}</span>}
        </p>
        {hit.room && <p className="quiet">In its room {hit.room}</p>}
        <Marks hit={hit} />
      </div>
    </article>
  );
}

function Cost({ hit }: { hit: Hit }) {
  if (hit.price)
    return (
      <span title={hit.price.basis}>
        <strong>{money(hit.price.total, hit.price.currency)}</strong> in all
      </span>
    );
  if (hit.venue.price)
    return (
      <span>
        <strong>{rate(hit.venue.price).split(" ")[0]}</strong> {rate(hit.venue.price).split(" ").slice(1).join(" ")}
      </span>
    );
  return <span className="quiet">Price on request</span>;
}
