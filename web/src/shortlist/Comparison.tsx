import type { Schema } from "@venuefinder/client";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Icon } from "../parts/icons";
import { SaveButton } from "../parts/SaveButton";
import { WishFields } from "../parts/WishFields";
import { money, number, rate, sentence, where } from "../parts/words";
import { Photo } from "../photo/Photo";
import { LAYOUTS } from "../search/state";
import { total } from "../venue/total";
import type { Wish } from "../venue/useVenue";
import { write } from "./link";

type Entry = Schema<"VenueAnswer">;

interface Props {
  venues: readonly Entry[];
  wish: Wish;
  onWish: (name: "guests" | "hours", value: number | undefined) => void;
}

const MOST_AMENITIES = 16;
const NOT_STATED = <span className="quiet">not stated</span>;

/** Venues side by side, one a column: what their listings say, and what they do not. */
export function Comparison({ venues, wish, onWish }: Props) {
  const query = write([], wish);
  const layouts = LAYOUTS.filter((layout) => venues.some(({ venue }) => venue.capacity[layout] !== null));
  return (
    <>
      <WishFields className="compare-wish" wish={wish} onWish={onWish} />
      <section className="table-frame" aria-label="Comparison" tabIndex={0}>
        <table className="compare">
          <thead>
            <tr>
              <td />
              {venues.map((entry) => (
                <th key={entry.venue.external_id} scope="col">
                  <Head entry={entry} query={query} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Row title="Where" venues={venues} cell={({ venue }) => where(venue) || NOT_STATED} />
            <Row title="Kind" venues={venues} cell={({ venue }) => venue.kind ?? NOT_STATED} />
            <Row title="Price" venues={venues} cell={(entry) => <Price entry={entry} wish={wish} />} />
            {layouts.map((layout) => (
              <Row
                key={layout}
                title={sentence(layout)}
                venues={venues}
                cell={({ venue }) => <Holds people={venue.capacity[layout]} guests={wish.guests} />}
              />
            ))}
            {amenities(venues).map((name) => (
              <Row
                key={name}
                title={sentence(name)}
                venues={venues}
                cell={({ venue }) =>
                  venue.amenities.includes(name) ? (
                    <span className="mark-stated">
                      <Icon name="check" size={18} />
                      <span className="hidden">stated</span>
                    </span>
                  ) : (
                    NOT_STATED
                  )
                }
              />
            ))}
            <Row
              title="Rooms"
              venues={venues}
              cell={({ venue }) => venue.rooms.map(({ name }) => name).join(", ") || NOT_STATED}
            />
          </tbody>
        </table>
      </section>
    </>
  );
}

function Head({ entry: { venue, photos }, query }: { entry: Entry; query: string }) {
  const photo = photos[0];
  return (
    <div className="card">
      <div className="cover">
        {photo ? (
          <Photo photo={photo} alt={photo.caption ?? `A photo of ${venue.name}`} sizes="260px" wide={260} />
        ) : (
          <span className="photo photo-dead">No photos yet</span>
        )}
        <SaveButton id={venue.external_id} name={venue.name} />
      </div>
      <Link href={`/venues/${encodeURIComponent(venue.external_id)}${query}`}>{venue.name}</Link>
    </div>
  );
}

function Row({ title, venues, cell }: { title: string; venues: readonly Entry[]; cell: (entry: Entry) => ReactNode }) {
  return (
    <tr>
      <th scope="row">{title}</th>
      {venues.map((entry) => (
        <td key={entry.venue.external_id}>{cell(entry)}</td>
      ))}
    </tr>
  );
}

function Price({ entry: { venue }, wish }: { entry: Entry; wish: Wish }) {
  if (!venue.price) return NOT_STATED;
  const sum = total(venue.price, wish.guests, wish.hours);
  if (!sum) return rate(venue.price);
  return (
    <>
      <strong>{money(sum.amount, venue.price.currency)}</strong> in all
      <small className="quiet">{sum.basis}</small>
    </>
  );
}

function Holds({ people, guests }: { people: number | null; guests: number | undefined }) {
  if (people === null) return NOT_STATED;
  if (guests === undefined) return number(people);
  const enough = people >= guests;
  return (
    <span className={enough ? "mark-stated" : "mark-contradicted"}>
      {number(people)}
      <span className="hidden">{enough ? ", enough" : ", too few"}</span>
    </span>
  );
}

/** Those in which the venues differ first, then by how many have them. */
function amenities(venues: readonly Entry[]): string[] {
  const counts = new Map<string, number>();
  for (const { venue } of venues) for (const name of venue.amenities) counts.set(name, (counts.get(name) ?? 0) + 1);
  const differs = (count: number) => (count < venues.length ? 0 : 1);
  return [...counts]
    .toSorted(([one, some], [other, more]) => differs(some) - differs(more) || more - some || one.localeCompare(other))
    .map(([name]) => name)
    .slice(0, MOST_AMENITIES);
}
