import type { Schema } from "@venuefinder/client";
import { Link } from "wouter";
import { Photo } from "../photo/Photo";
import { Icon } from "./icons";
import { SaveButton } from "./SaveButton";
import { money, rate, where } from "./words";

type Recommendation = Schema<"RecommendedVenue">;

interface Props {
  venues: readonly Recommendation[];
  query?: string;
  /** Asked on each: never show this one again. */
  onDismiss?: (venue: string) => void;
}

/** Venues with the reason why they are there, and the pair of photos that made them alike. */
export function Recommended({ venues, query = "", onDismiss }: Props) {
  return (
    <div className="grid">
      {venues.map((one) => (
        <RecommendedCard key={one.venue.external_id} one={one} query={query} {...(onDismiss && { onDismiss })} />
      ))}
    </div>
  );
}

type CardProps = Omit<Props, "venues"> & { one: Recommendation };

function RecommendedCard({ one, query, onDismiss }: CardProps) {
  const { venue, photo, price, because } = one;
  return (
    <article className="card">
      <div className="cover">
        {photo ? (
          <Photo
            photo={photo}
            alt={photo.caption ?? `A photo of ${venue.name}`}
            sizes="(max-width: 560px) 100vw, 320px"
            wide={320}
          />
        ) : (
          <span className="photo photo-dead">
            <Icon name="image" size={28} />
          </span>
        )}
        <SaveButton id={venue.external_id} name={venue.name} />
        {because?.liked_photo && (
          <span className="because" title="It looks like this photo">
            <Photo photo={because.liked_photo} alt="What it looks like" sizes="64px" wide={64} />
          </span>
        )}
      </div>
      <div className="card-text">
        <h3>
          <Link href={`/venues/${encodeURIComponent(venue.external_id)}${query}`}>{venue.name}</Link>
        </h3>
        <p className="quiet">{[venue.kind, where(venue, one.distance_km)].filter(Boolean).join(" · ")}</p>
        <p>
          {price ? (
            <>
              <strong>{money(price.total, price.currency)}</strong> in all
            </>
          ) : venue.price ? (
            rate(venue.price)
          ) : (
            <span className="quiet">Price on request</span>
          )}
        </p>
        <p className="reason">{one.reason}</p>
        {onDismiss && (
          <button type="button" className="chip-clear dismiss" onClick={() => onDismiss(venue.external_id)}>
            Not for me<span className="hidden">: {venue.name}</span>
          </button>
        )}
      </div>
    </article>
  );
}
