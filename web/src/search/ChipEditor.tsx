import type { SearchAnswer } from "@venuefinder/client";
import type { FormEvent } from "react";
import { changed, LAYOUTS, type Layout, type SearchState, some } from "./state";

interface Props {
  edits: "guests" | "price" | "place";
  state: SearchState;
  go: (next: SearchState) => void;
  answer: SearchAnswer | undefined;
}

/** Changes one part of what was understood: what is given here wins over the words. */
export function ChipEditor({ edits, state, go, answer }: Props) {
  const understood = answer?.interpreted?.filters;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string) => Number(form.get(name)) || undefined;
    const text = (name: string) => String(form.get(name) ?? "").trim() || undefined;
    const next =
      edits === "guests"
        ? { guests: number("guests"), layout: text("layout") as Layout | undefined }
        : edits === "price"
          ? { max: number("max"), currency: understood?.price?.currency ?? state.currency, hours: number("hours") }
          : { place: text("place"), radius: number("radius") };
    go(changed(state, some(next)));
  };
  return (
    <form className="editor" onSubmit={submit}>
      {edits === "guests" && (
        <>
          <label>
            Guests
            <input
              name="guests"
              type="number"
              min={1}
              max={1_000_000}
              required
              defaultValue={understood?.guests ?? state.guests}
            />
          </label>
          <label>
            Layout
            <select name="layout" defaultValue={understood?.layout ?? state.layout ?? ""}>
              <option value="">any</option>
              {LAYOUTS.map((layout) => (
                <option key={layout}>{layout}</option>
              ))}
            </select>
          </label>
        </>
      )}
      {edits === "price" && (
        <>
          <label>
            At most, in all ({understood?.price?.currency ?? state.currency ?? "GBP"})
            <input
              name="max"
              type="number"
              min={1}
              step="any"
              required
              defaultValue={understood?.price?.max ?? state.max}
            />
          </label>
          <label>
            Hours
            <input
              name="hours"
              type="number"
              min={0.5}
              step={0.5}
              max={8760}
              defaultValue={understood?.price?.hours ?? state.hours}
            />
          </label>
        </>
      )}
      {edits === "place" && (
        <>
          <label>
            Place
            <input name="place" required maxLength={100} defaultValue={understood?.near?.place ?? state.place} />
          </label>
          <label>
            Within (km)
            <input
              name="radius"
              type="number"
              min={1}
              max={20_038}
              defaultValue={Math.round(understood?.near?.radius_km ?? state.radius ?? 25)}
            />
          </label>
        </>
      )}
      <button type="submit" className="button primary">
        Apply
      </button>
    </form>
  );
}
