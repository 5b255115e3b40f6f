import { Link } from "wouter";
import { Icon } from "./parts/icons";
import { useShortlist } from "./parts/saved";
import { useTheme } from "./parts/theme";
import { useVisitor } from "./parts/visitor";

export function Header() {
  const { ids } = useShortlist();
  const theme = useTheme();
  const visitor = useVisitor();
  return (
    <header className="top">
      <Link href="/" className="wordmark" aria-label="VenueFinder, start">
        <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" fill="currentColor" />
          <path
            d="M7 24V15.5a9 9 0 0 1 18 0V24M12.5 24v-7.5a3.5 3.5 0 0 1 7 0V24"
            fill="none"
            stroke="var(--paper)"
            strokeWidth="2.4"
            strokeLinecap="round"
          />
        </svg>
        <span>VenueFinder</span>
      </Link>
      <nav aria-label="Main">
        {visitor && (
          <Link href="/for-you" className="button plain">
            For you
          </Link>
        )}
        <button
          type="button"
          className="round plain"
          onClick={theme.flip}
          aria-label={theme.dark ? "Use light colours" : "Use dark colours"}
        >
          <Icon name={theme.dark ? "sun" : "moon"} />
        </button>
        <Link href="/shortlist" className="button plain shortlist-link">
          <Icon name="heart" size={18} filled={ids.length > 0} />
          <span>Shortlist</span>
          {ids.length > 0 && <span className="count">{ids.length}</span>}
        </Link>
      </nav>
    </header>
  );
}
