import type { Schema } from "@venuefinder/client";
import { WishFields } from "../parts/WishFields";
import { capacities, money, number, rate, sentence } from "../parts/words";
import { holds, total } from "./total";
import type { Wish } from "./useVenue";

interface Props {
  venue: Schema<"Venue">;
  wish: Wish;
  onWish: (name: "guests" | "hours", value: number | undefined) => void;
}

/** What it costs for my guests. */
export function Cost({ venue, wish, onWish }: Props) {
  const found = venue.price ? total(venue.price, wish.guests, wish.hours) : undefined;
  const fits = wish.guests === undefined ? undefined : roomFor(venue, wish.guests);
  return (
    <section className="cost" aria-label="What it costs">
      {venue.price && found ? (
        <>
          <p className="cost-total">
            <strong>{money(found.amount, venue.price.currency)}</strong> in all
          </p>
          <p className="quiet small">{found.basis}</p>
        </>
      ) : venue.price ? (
        <>
          <p className="cost-total">
            <strong>{rate(venue.price)}</strong>
          </p>
          <p className="quiet small">
            Say {venue.price.unit === "head" ? "how many you are" : "for how long"}, and see what it comes to.
          </p>
        </>
      ) : (
        <p className="cost-total quiet">The listing names no price</p>
      )}
      <WishFields wish={wish} onWish={onWish} />
      {fits && <p className={fits.fits ? "small mark-seen" : "small mark-contradicted"}>{fits.words}</p>}
      {venue.price?.minimum_hours && (
        <p className="quiet small">Booked for {venue.price.minimum_hours} hours at least.</p>
      )}
    </section>
  );
}

function roomFor(venue: Schema<"Venue">, guests: number): { fits: boolean; words: string } | undefined {
  const whole = holds(venue.capacity, guests);
  if (whole) return { fits: true, words: `Holds ${number(guests)} guests.` };
  const room = venue.rooms.find(({ capacity }) => holds(capacity, guests));
  if (room) return { fits: true, words: `${room.name} holds ${number(guests)} guests.` };
  return whole === undefined
    ? undefined
    : { fits: false, words: `The listing says that fewer than ${number(guests)} fit.` };
}

/** How many fit, by layout. */
export function Capacities({ capacity }: { capacity: Schema<"Venue">["capacity"] }) {
  const all = capacities(capacity);
  if (all.length === 0) return <p className="quiet">The listing does not say how many fit.</p>;
  return (
    <dl className="facts-list">
      {all.map(([layout, people]) => (
        <div key={layout}>
          <dt>{sentence(layout)}</dt>
          <dd>{number(people)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Rooms that can be booked on their own. */
export function Rooms({ venue, wish }: Pick<Props, "venue" | "wish">) {
  if (venue.rooms.length === 0) return null;
  return (
    <div className="rooms">
      <h2 id="rooms-title">Rooms</h2>
      <section className="table-frame" aria-labelledby="rooms-title" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Room</th>
              <th scope="col">Holds</th>
              <th scope="col">Price</th>
            </tr>
          </thead>
          <tbody>
            {venue.rooms.map((room) => {
              const price = room.price ?? venue.price;
              const sum = price ? total(price, wish.guests, wish.hours) : undefined;
              return (
                <tr key={room.name}>
                  <th scope="row">{room.name}</th>
                  <td>
                    {capacities(room.capacity)
                      .map(([layout, people]) => `${number(people)} ${layout}`)
                      .join(", ") || "not stated"}
                  </td>
                  <td>
                    {!price ? "not stated" : sum ? `${money(sum.amount, price.currency)} in all` : rate(price)}
                    {!room.price && price && <span className="quiet"> (as the venue)</span>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </div>
  );
}
