import { Problem } from "@venuefinder/client";

/** What went wrong, kindly, and what to do about it. */
export function Trouble({ error, onRetry, whole = false }: { error: unknown; onRetry?: () => void; whole?: boolean }) {
  const { title, advice } = words(error);
  const Title = whole ? "h1" : "h2"; // it is the whole page, or a part of one
  return (
    <section className="trouble" role="alert">
      <Title>{title}</Title>
      <p>{advice}</p>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </section>
  );
}

export function words(error: unknown): { title: string; advice: string } {
  if (!(error instanceof Problem)) return { title: "Something went wrong on this page", advice: "Reload it, please." };
  switch (error.kind) {
    case "unreachable":
      return {
        title: "The service does not answer",
        advice: "It may be starting, or the connection is down. Nothing of yours is lost.",
      };
    case "not-embedded":
      return {
        title: "There are no venues here yet",
        advice: "Add some: venuefinder ingest YOUR_FOLDER, or make demo for the sample venues.",
      };
    case "database-unavailable":
    case "not-ready":
      return { title: "The catalogue cannot be read just now", advice: "Try again in a moment." };
    case "not-found":
      return { title: "This is not here any more", advice: error.message };
    case "busy":
      return { title: "Many people are asking at once", advice: "Try again in a moment." };
    case "vision-unavailable":
    case "vision-failed":
      return {
        title: "The model that looks at photos does not answer",
        advice: "Everything else works. Try again later.",
      };
    case "invalid-request":
    case "unusable-input":
      return { title: "This search cannot be answered as it is", advice: error.message };
    case "internal-error":
      return { title: "The service has a fault", advice: "It is in its log. Try again, or ask for something else." };
    default:
      return { title: "That did not work", advice: error.message };
  }
}
