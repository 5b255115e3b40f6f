import { useEffect, useState } from "react";
import { Link } from "wouter";
import { Icon } from "../parts/icons";
import { SaveButton } from "../parts/SaveButton";
import { ShareButton } from "../parts/ShareButton";
import { Trouble, words } from "../parts/Trouble";
import { useWish } from "../parts/useWish";
import { tell } from "../parts/visitor";
import { where } from "../parts/words";
import { Lightbox } from "../photo/Lightbox";
import { Ask } from "./Ask";
import { Claims } from "./Claims";
import { Capacities, Cost, Rooms } from "./Cost";
import { Gallery } from "./Gallery";
import { Similar } from "./Similar";
import { useDescription, useVenue } from "./useVenue";

export default function VenuePage({ id }: { id: string }) {
  const found = useVenue(id);
  const description = useDescription(id);
  const { wish, set } = useWish();
  const [shown, setShown] = useState<{ photo: number; note?: string }>();
  const name = found.data?.venue.name;

  useEffect(() => {
    document.title = name ? `${name} · VenueFinder` : "VenueFinder";
  }, [name]);
  useEffect(() => {
    if (name) void tell("view", id);
  }, [name, id]);

  if (found.error) {
    return (
      <main id="main" className="page">
        <Trouble whole error={found.error} onRetry={() => void found.refetch()} />
      </main>
    );
  }
  if (!found.data) return <main id="main" className="page venue" aria-busy="true" />;
  const { venue, photos } = found.data;
  return (
    <main id="main" className="page venue">
      <BackLink />
      <header className="venue-head">
        <div>
          <h1>{venue.name}</h1>
          <p className="quiet">{[venue.kind, venue.address, where(venue)].filter(Boolean).join(" · ")}</p>
        </div>
        <div className="row">
          <ShareButton />
          <SaveButton id={venue.external_id} name={venue.name} labelled />
        </div>
      </header>
      <Gallery photos={photos} name={venue.name} onOpen={(photo) => setShown({ photo })} />
      <div className="venue-body">
        <div className="venue-main">
          {venue.description && (
            <section aria-labelledby="listing-title">
              <h2 id="listing-title">What the listing says</h2>
              <p className="description">{venue.description}</p>
            </section>
          )}
          <section aria-labelledby="shown-title">
            <h2 id="shown-title">What is seen, and what is said</h2>
            {description.data ? (
              <Claims description={description.data} onShow={(photo, note) => setShown({ photo, note })} />
            ) : description.error ? (
              <p className="quiet">
                {words(description.error).title}. {words(description.error).advice}
              </p>
            ) : (
              <p className="quiet" role="status">
                Looking at the photos…
              </p>
            )}
          </section>
          <Ask id={id} onShow={(photo, note) => setShown({ photo, note })} />
          <Rooms venue={venue} wish={wish} />
        </div>
        <aside className="venue-side" aria-label="Price and capacity">
          <Cost venue={venue} wish={wish} onWish={set} />
          <section aria-labelledby="holds-title">
            <h2 id="holds-title">Holds</h2>
            <Capacities capacity={venue.capacity} />
          </section>
          {venue.url && (
            <a
              className="button"
              href={venue.url}
              rel="noopener noreferrer nofollow"
              target="_blank"
              onClick={() => void tell("inquiry", id)}
            >
              <Icon name="link" size={18} /> Its own page
            </a>
          )}
        </aside>
      </div>
      <Similar id={id} wish={wish} priced={venue.price !== null} />
      {shown && (
        <Lightbox
          photos={photos}
          at={shown.photo}
          note={shown.note}
          name={venue.name}
          onClose={() => setShown(undefined)}
        />
      )}
    </main>
  );
}

/** Back to the very results; or to the search, for who came by a link. */
function BackLink() {
  const cameFromHere = history.state?.fromSearch === true;
  if (cameFromHere)
    return (
      <button type="button" className="back" onClick={() => history.back()}>
        <Icon name="left" size={16} /> Back to the results
      </button>
    );
  return (
    <Link className="back" href="/">
      <Icon name="left" size={16} /> Find a venue
    </Link>
  );
}
