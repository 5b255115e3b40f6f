import type { SearchAnswer } from "@venuefinder/client";
import { useCallback, useRef, useState } from "react";
import { Floating } from "../parts/Floating";
import { Icon } from "../parts/icons";
import { ChipEditor } from "./ChipEditor";
import { type Chip, chips } from "./chips";
import { EMPTY, type SearchState } from "./state";

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
  answer: SearchAnswer | undefined;
}

/** How the words were understood; each part can be changed or taken back. */
export function Chips({ state, go, answer }: Props) {
  const parts = answer?.interpreted?.parts ?? [];
  const all = chips(state, parts);
  const looked = answer?.interpreted?.text ?? "";
  if (all.length === 0) return null;
  return (
    <div className="understood">
      <ul className="chips" aria-label="How your search was understood">
        {all.map((chip) => (
          <li key={chip.key}>
            <ChipView chip={chip} state={state} go={go} answer={answer} />
          </li>
        ))}
        {all.some((chip) => chip.without) && all.length > 2 && (
          <li>
            <button type="button" className="chip-clear" onClick={() => go(EMPTY)}>
              Start afresh
            </button>
          </li>
        )}
      </ul>
      {state.q && looked && looked !== state.q && (
        <p className="looked">
          Looked for in photos and listings: <q>{looked}</q>
        </p>
      )}
    </div>
  );
}

function ChipView({ chip, state, go, answer }: Props & { chip: Chip }) {
  const anchor = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  const apply = (next: SearchState) => {
    close();
    go(next);
  };
  const explains = chip.edits || chip.insist || chip.note || chip.candidates.length > 0;
  return (
    <span className={`chip chip-${chip.state}`}>
      {chip.again ? (
        <button
          type="button"
          className="chip-text"
          onClick={() => chip.again && go(chip.again)}
          title="Understand it again"
        >
          <s>{chip.text}</s>
          <Icon name="undo" size={14} />
          <span className="hidden">: switched off; understand it again</span>
        </button>
      ) : explains ? (
        <button
          ref={anchor}
          type="button"
          className="chip-text"
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {chip.state === "unclear" && <Icon name="unknown" size={14} />}
          {chip.text}
        </button>
      ) : (
        <span className="chip-text">{chip.text}</span>
      )}
      {chip.without && (
        <button
          type="button"
          className="chip-remove"
          aria-label={`Remove “${chip.text}”`}
          onClick={() => chip.without && go(chip.without)}
        >
          <Icon name="close" size={14} />
        </button>
      )}
      {open && (
        <Floating anchor={anchor} className="panel" role="dialog" label={chip.text} onClose={close}>
          <ChipDetails chip={chip} state={state} go={apply} answer={answer} />
        </Floating>
      )}
    </span>
  );
}

function ChipDetails({ chip, state, go, answer }: Props & { chip: Chip }) {
  if (chip.candidates.length > 0)
    return (
      <>
        <p>Several places have this name. Which one?</p>
        <ul className="choices">
          {chip.candidates.map(({ name, chosen }) => (
            <li key={name}>
              <button type="button" className="choice" onClick={() => go(chosen)}>
                <Icon name="place" size={16} /> {name}
              </button>
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <>
      {chip.edits && <ChipEditor edits={chip.edits} state={state} go={go} answer={answer} />}
      {chip.state === "looked" && <p>Looked for in photos and listings; venues without it are found too.</p>}
      {chip.state === "filter" && chip.note && <p>{chip.note}</p>}
      {chip.insist && (
        <button type="button" className="button" onClick={() => chip.insist && go(chip.insist)}>
          Only where the listing says it
        </button>
      )}
    </>
  );
}
