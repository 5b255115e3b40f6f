import { type DragEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Icon } from "../parts/icons";

interface Props {
  onFiles: (files: File[]) => void;
  children: ReactNode;
}

/** Pictures may be dropped anywhere on the page, or pasted. */
export function Dropping({ onFiles, children }: Props) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const latest = useRef(onFiles);
  latest.current = onFiles;

  useEffect(() => {
    const pasted = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    document.addEventListener("paste", pasted);
    return () => document.removeEventListener("paste", pasted);
  }, []);

  const carries = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a drop has the button "Add pictures" as its equal
    <div
      onDragEnter={(event) => {
        if (!carries(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!carries(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) setOver(false);
      }}
      onDragOver={(event) => carries(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!carries(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && (
        <div className="dropping">
          <Icon name="image" size={40} />
          <p>Let go, and find venues that look like this</p>
        </div>
      )}
    </div>
  );
}
