import { useState } from "react";

const KEY = "venuefinder.theme";
type Theme = "light" | "dark";

const system = () => window.matchMedia("(prefers-color-scheme: dark)").matches;

function chosen(): Theme | undefined {
  const found = localStorage.getItem(KEY);
  return found === "light" || found === "dark" ? found : undefined;
}

/** Follow the system, unless the reader chose. */
export function applyTheme(): void {
  const theme = chosen();
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function useTheme() {
  const [dark, setDark] = useState(() => (chosen() ? chosen() === "dark" : system()));
  const flip = () => {
    const next = !dark;
    if (next === system()) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next ? "dark" : "light");
    applyTheme();
    setDark(next);
  };
  return { dark, flip };
}
