import { useState } from "react";
import { Icon } from "./icons";

/** Copies a link to what is shown. */
export function ShareButton({ path, label = "Copy link" }: { path?: string; label?: string }) {
  const [done, setDone] = useState<"copied" | "refused">();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(path ? new URL(path, location.href).href : location.href);
      setDone("copied");
    } catch {
      setDone("refused");
    }
    setTimeout(() => setDone(undefined), 2500);
  };
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      <Icon name={done === "copied" ? "check" : "link"} size={18} />
      <span role="status">
        {done === "copied" ? "Copied" : done === "refused" ? "Copy it from the address bar" : label}
      </span>
    </button>
  );
}
