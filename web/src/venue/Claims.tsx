import type { Schema } from "@venuefinder/client";
import { Icon } from "../parts/icons";
import { STATUS_WORDS } from "../search/proof";

type Claim = Schema<"Claim">;

interface Props {
  description: Schema<"Description">;
  onShow: (photo: number, note: string) => void;
}

const TITLES: Record<Claim["attribute"], string> = {
  setting: "Setting",
  style: "Style",
  room_types: "Rooms",
  amenities: "Amenities",
  ambience: "Ambience",
  suitability: "Good for",
  layout: "Layout",
  accessibility: "Access",
  warnings: "Mind",
};
const LEGEND = ["seen", "stated", "contradicted", "unknown"] as const;

/** What photos show against what the listing says; a claim with a photo opens it. */
export function Claims({ description, onShow }: Props) {
  const { claims, photos, photos_read: read, complete } = description;
  const attributes = [...new Set(claims.map(({ attribute }) => attribute))];
  return (
    <>
      {description.summary && <p className="lead">{description.summary}</p>}
      <dl className="claims">
        {attributes.map((attribute) => (
          <div key={attribute}>
            <dt>{TITLES[attribute]}</dt>
            <dd>
              <ul className="marks">
                {claims
                  .filter((claim) => claim.attribute === attribute)
                  .map((claim) => (
                    <li key={claim.value}>
                      <ClaimMark claim={claim} onShow={onShow} />
                    </li>
                  ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
      <ul className="legend" aria-label="What the marks mean">
        {LEGEND.filter((status) => claims.some((claim) => claim.status === status)).map((status) => (
          <li key={status} className={`mark-${status}`}>
            <Icon name={status} size={14} /> {STATUS_WORDS[status]}
          </li>
        ))}
      </ul>
      <p className="quiet small">
        {complete || read === photos
          ? `All ${photos} photos were looked at.`
          : `${read} of ${photos} photos were looked at so far.`}{" "}
        What no photo shows may still be there.
      </p>
    </>
  );
}

function ClaimMark({ claim, onShow }: { claim: Claim } & Pick<Props, "onShow">) {
  const { value, status, photo_id: photo, probability } = claim;
  const sure = probability === null ? "" : `, ${Math.round(probability * 100)} % sure`;
  const inside = (
    <>
      <Icon name={status} size={14} />
      <span className="mark-text">{value}</span>
      <span className="hidden">: {STATUS_WORDS[status]}</span>
    </>
  );
  if (photo === null) return <span className={`mark mark-${status}`}>{inside}</span>;
  return (
    <button
      type="button"
      className={`mark mark-${status}`}
      title={`${STATUS_WORDS[status]}${sure}. Show the photo.`}
      onClick={() => onShow(photo, `${value}: ${STATUS_WORDS[status].toLowerCase()}${sure}`)}
    >
      {inside}
      <Icon name="image" size={13} />
    </button>
  );
}
