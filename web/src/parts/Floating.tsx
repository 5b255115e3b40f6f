import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";

const GAP = 8;
const EDGE = 12;

interface Props {
  anchor: RefObject<HTMLElement | null>;
  className: string;
  role: "tooltip" | "dialog";
  id?: string;
  label?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A panel beside what it explains, kept inside the window. Escape or a press elsewhere closes it. */
export function Floating({ anchor, className, role, id, label, onClose, children }: Props) {
  const panel = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number }>();

  useLayoutEffect(() => {
    const put = () => {
      if (!anchor.current || !panel.current) return;
      const from = anchor.current.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = panel.current;
      const left = Math.max(EDGE, Math.min(from.left, window.innerWidth - width - EDGE));
      const below = from.bottom + GAP;
      const fits = below + height <= window.innerHeight - EDGE || from.top < height + GAP;
      setPlace({ left, top: fits ? below : from.top - height - GAP });
    };
    put();
    window.addEventListener("scroll", put, { passive: true, capture: true });
    window.addEventListener("resize", put);
    return () => {
      window.removeEventListener("scroll", put, { capture: true });
      window.removeEventListener("resize", put);
    };
  }, [anchor]);

  useEffect(() => {
    const pressed = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!panel.current?.contains(target) && !anchor.current?.contains(target)) onClose();
    };
    const keyed = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      onClose();
      if (role === "dialog") anchor.current?.focus();
    };
    document.addEventListener("pointerdown", pressed);
    document.addEventListener("keydown", keyed, { capture: true });
    return () => {
      document.removeEventListener("pointerdown", pressed);
      document.removeEventListener("keydown", keyed, { capture: true });
    };
  }, [anchor, onClose, role]);

  return createPortal(
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a tooltip has no label, a dialog has
    <div
      ref={panel}
      id={id}
      role={role}
      aria-label={label}
      className={`floating ${className}`}
      style={place ? { left: place.left, top: place.top } : { visibility: "hidden" }}
    >
      {children}
    </div>,
    document.getElementById("main") ?? document.body,
  );
}
