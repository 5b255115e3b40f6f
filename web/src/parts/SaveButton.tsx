import { Icon } from "./icons";
import { useShortlist } from "./saved";

export function SaveButton({ id, name, labelled = false }: { id: string; name: string; labelled?: boolean }) {
  const shortlist = useShortlist();
  const saved = shortlist.has(id);
  return (
    <button
      type="button"
      className={labelled ? "button save" : "round save"}
      aria-pressed={saved}
      aria-label={labelled ? undefined : `Save ${name}`}
      onClick={() => shortlist.toggle(id)}
    >
      <Icon name="heart" size={labelled ? 18 : 20} filled={saved} />
      {labelled && <span>{saved ? "Saved" : "Save"}</span>}
    </button>
  );
}
