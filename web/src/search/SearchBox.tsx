import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../parts/icons";
import { changed, type SearchState } from "./state";

const EXAMPLES = [
  "a ballroom with a dance floor for 150 guests near Bath, no camping",
  "a sunny wood for 60 guests under £2,000",
  "a brick loft with big windows for a workshop",
  "a glass hall full of light for 80 seated",
];

interface Props {
  state: SearchState;
  go: (next: SearchState) => void;
  onFiles: (files: File[]) => void;
  sending: boolean;
}

export function SearchBox({ state, go, onFiles, sending }: Props) {
  const [text, setText] = useState(state.q);
  const form = useRef<HTMLFormElement>(null);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => setText(state.q), [state.q]);

  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    go(changed(state, { q: text.trim() }));
  };
  const keyed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: <search> is not yet in all browsers we serve */}
      <form ref={form} className="box" role="search" onSubmit={submit}>
        <Icon name="search" size={22} />
        <textarea
          aria-label="Describe the venue you look for"
          placeholder="A barn with string lights for 120 guests, under £5k, near Bath…"
          rows={1}
          value={text}
          maxLength={2000}
          enterKeyHint="search"
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={keyed}
        />
        <input
          ref={file}
          type="file"
          accept="image/*,.heic,.heif,.avif"
          multiple
          hidden
          onChange={(event) => {
            const files = [...(event.target.files ?? [])];
            event.target.value = "";
            if (files.length > 0) onFiles(files);
          }}
        />
        <button
          type="button"
          className="round plain"
          aria-label="Add pictures of what it should look like"
          title="Add pictures, or drop or paste them anywhere"
          aria-busy={sending}
          onClick={() => file.current?.click()}
        >
          <Icon name="image" size={22} />
        </button>
        <button type="submit" className="button primary">
          <Icon name="search" size={20} />
          <span>Search</span>
        </button>
      </form>
      {!state.q && state.pictures.length === 0 && (
        <ul className="examples" aria-label="For example">
          {EXAMPLES.map((example) => (
            <li key={example}>
              <button type="button" className="example" onClick={() => go(changed(state, { q: example }))}>
                {example}
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
