import type { Wish } from "../venue/useVenue";

interface Props {
  wish: Wish;
  onWish: (name: "guests" | "hours", value: number | undefined) => void;
  className?: string;
}

/** For how many guests and hours a page counts. */
export function WishFields({ wish, onWish, className = "" }: Props) {
  return (
    <div className={`fields ${className}`.trim()}>
      <NumberField
        label="Guests"
        value={wish.guests}
        step={1}
        min={1}
        max={1_000_000}
        onValue={(value) => onWish("guests", value)}
      />
      <NumberField
        label="Hours"
        value={wish.hours}
        step={0.5}
        min={0.5}
        max={8760}
        onValue={(value) => onWish("hours", value)}
      />
    </div>
  );
}

interface NumberProps {
  label: string;
  value: number | undefined;
  step: number;
  min: number;
  max: number;
  onValue: (value: number | undefined) => void;
}

function NumberField({ label, value, onValue, ...bounds }: NumberProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        {...bounds}
        defaultValue={value}
        onChange={(event) => event.target.validity.valid && onValue(Number(event.target.value) || undefined)}
      />
    </label>
  );
}
