import type { SearchAnswer } from "@venuefinder/client";
import { type FormEvent, useEffect, useRef } from "react";
import { Icon } from "../parts/icons";
import { changed, EMPTY, LAYOUTS, type Layout, type SearchState, some } from "./state";

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
  answer: SearchAnswer | undefined;
  onClose: () => void;
}

const CURRENCIES = ["GBP", "EUR", "USD"];
const MOST_AMENITIES = 24;

/** Everything a listing can be asked for, in one sheet. */
export function Filters({ state, go, answer, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    go(filtered(state, new FormData(event.currentTarget)));
    onClose();
  };
  const understood = answer?.interpreted?.filters;
  const amenities = [...new Set([...state.has, ...(answer?.facets.amenities ?? []).map(({ value }) => String(value))])];
  const counts = new Map((answer?.facets.amenities ?? []).map(({ value, count }) => [String(value), count]));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape and the button close it too
    <dialog
      ref={dialog}
      className="sheet"
      aria-labelledby="filters-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <form onSubmit={submit}>
        <header>
          <h2 id="filters-title">Filters</h2>
          <button type="button" className="round plain" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </header>
        <div className="sheet-body">
          <fieldset>
            <legend>Guests</legend>
            <div className="fields">
              <label>
                How many
                <input
                  name="guests"
                  type="number"
                  min={1}
                  max={1_000_000}
                  defaultValue={state.guests}
                  placeholder={said(understood?.guests)}
                />
              </label>
              <label>
                Layout
                <select name="layout" defaultValue={state.layout ?? ""}>
                  <option value="">any</option>
                  {LAYOUTS.map((layout) => (
                    <option key={layout}>{layout}</option>
                  ))}
                </select>
              </label>
            </div>
          </fieldset>
          <fieldset>
            <legend>Price, in all</legend>
            <div className="fields">
              <label>
                At least
                <input name="min" type="number" min={1} step="any" defaultValue={state.min} />
              </label>
              <label>
                At most
                <input
                  name="max"
                  type="number"
                  min={1}
                  step="any"
                  defaultValue={state.max}
                  placeholder={said(understood?.price?.max)}
                />
              </label>
              <label>
                Currency
                <select name="currency" defaultValue={state.currency ?? "GBP"}>
                  {[...new Set([...CURRENCIES, ...(state.currency ? [state.currency] : [])])].map((currency) => (
                    <option key={currency}>{currency}</option>
                  ))}
                </select>
              </label>
              <label>
                Hours
                <input name="hours" type="number" min={0.5} max={8760} step={0.5} defaultValue={state.hours} />
              </label>
            </div>
          </fieldset>
          <fieldset>
            <legend>Where</legend>
            <div className="fields">
              <label>
                Near
                <input
                  name="place"
                  maxLength={100}
                  placeholder={understood?.near?.place ?? "Bath"}
                  defaultValue={state.place}
                />
              </label>
              <label>
                Within (km)
                <input name="radius" type="number" min={1} max={20_038} placeholder="25" defaultValue={state.radius} />
              </label>
            </div>
          </fieldset>
          <Pills legend="Kind" name="kind" answer={answer} chosen={state.kind} />
          <Pills legend="City" name="city" answer={answer} chosen={state.city} />
          {amenities.length > 0 && (
            <fieldset>
              <legend>Must have</legend>
              <div className="pills">
                {amenities.slice(0, MOST_AMENITIES).map((name) => (
                  <label key={name} className="pill">
                    <input type="checkbox" name="has" value={name} defaultChecked={state.has.includes(name)} />
                    {name} <span className="quiet">{counts.get(name) ?? ""}</span>
                  </label>
                ))}
              </div>
            </fieldset>
          )}
          <label className="switch">
            <input type="checkbox" name="strict" defaultChecked={state.strict} />
            <span>
              Only good matches
              <small>Weak ones are left out, even if nothing is left.</small>
            </span>
          </label>
        </div>
        <footer>
          <button type="button" className="button plain" onClick={() => clear(state, go, onClose)}>
            Clear
          </button>
          <button type="submit" className="button primary">
            Show venues
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function Pills({
  legend,
  name,
  answer,
  chosen,
}: { legend: string; name: "kind" | "city" } & Pick<Props, "answer"> & { chosen: string | undefined }) {
  const values = answer?.facets[name] ?? [];
  const shown =
    values.some(({ value }) => value === chosen) || !chosen ? values : [{ value: chosen, count: 0 }, ...values];
  if (shown.length === 0) return null;
  return (
    <fieldset>
      <legend>{legend}</legend>
      <div className="pills">
        <label className="pill">
          <input type="radio" name={name} value="" defaultChecked={!chosen} /> any
        </label>
        {shown.map(({ value, count }) => (
          <label key={String(value)} className="pill">
            <input type="radio" name={name} value={String(value)} defaultChecked={chosen === value} />
            {String(value)} <span className="quiet">{count}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What the words say already, where the form says nothing. */
function said(value: number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

/** What the form says, with the words and pictures as they are. */
function filtered(state: SearchState, form: FormData): SearchState {
  const number = (name: string) => Number(form.get(name)) || undefined;
  const text = (name: string) => String(form.get(name) ?? "").trim() || undefined;
  const [max, min, hours] = [number("max"), number("min"), number("hours")];
  const priced = max !== undefined || min !== undefined || hours !== undefined;
  return changed(
    {
      ...bare(state),
      ...some({
        guests: number("guests"),
        layout: text("layout") as Layout | undefined,
        max,
        min,
        hours,
        currency: priced && text("currency") !== "GBP" ? text("currency") : undefined,
        place: text("place"),
        radius: number("radius"),
        kind: text("kind"),
        city: text("city"),
      }),
    },
    { has: form.getAll("has").map(String), strict: form.has("strict") },
  );
}

/** The search without anything that this sheet says. */
function bare({ q, off, pictures, sort, closer }: SearchState): SearchState {
  return { ...EMPTY, q, off, pictures, closer, ...(sort && { sort }) };
}

function clear(state: SearchState, go: Props["go"], onClose: () => void) {
  go(changed(bare(state), {}));
  onClose();
}
