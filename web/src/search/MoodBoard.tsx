import { Icon } from "../parts/icons";
import { Photo } from "../photo/Photo";
import { remembered } from "./pictures";
import { changed, LESS, type Picture, pictureKey, type SearchState } from "./state";

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
}

/** The pictures that are searched with: more like these, less like those. */
export function MoodBoard({ state, go }: Props) {
  if (state.pictures.length === 0) return null;
  const put = (pictures: readonly Picture[]) => go(changed(state, { pictures }));
  return (
    <ul className="board" aria-label="Pictures that you search with">
      {state.pictures.map((one, place) => (
        <li key={pictureKey(one)} className={one.weight < 0 ? "board-less" : undefined}>
          <Small picture={one} place={place + 1} />
          <button
            type="button"
            className="board-sign"
            onClick={() =>
              put(
                state.pictures.map((other) => (other === one ? { ...one, weight: one.weight < 0 ? 1 : LESS } : other)),
              )
            }
          >
            <Icon name={one.weight < 0 ? "less" : "more"} size={14} />
            <span>{one.weight < 0 ? "less like this" : "like this"}</span>
            <span className="hidden">
              , picture {place + 1}; want {one.weight < 0 ? "more" : "less"} like it
            </span>
          </button>
          <button
            type="button"
            className="board-remove"
            aria-label={`Remove picture ${place + 1}`}
            onClick={() => put(state.pictures.filter((other) => other !== one))}
          >
            <Icon name="close" size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Small({ picture, place }: { picture: Picture; place: number }) {
  if ("photo" in picture) {
    const photo = { id: picture.photo, url: `/v1/photos/${picture.photo}/image`, width: 160, height: 120 };
    return <Photo photo={photo} alt={`Picture ${place}`} sizes="96px" wide={96} eager />;
  }
  const kept = remembered()[picture.upload];
  if (kept) return <img className="photo" src={kept} alt={`Your own, number ${place}`} width={96} height={72} />;
  return (
    <span className="photo photo-dead" role="img" aria-label={`Picture ${place}, yours`}>
      <Icon name="image" size={22} />
      <span>Your picture</span>
    </span>
  );
}
