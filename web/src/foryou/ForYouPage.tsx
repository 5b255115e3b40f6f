import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { sure } from "@venuefinder/client";
import { useEffect } from "react";
import { Link } from "wouter";
import { Recommended } from "../parts/Recommended";
import { Trouble } from "../parts/Trouble";
import { allTold, forget, tell, useVisitor } from "../parts/visitor";
import { Waiting } from "../search/Waiting";
import { service } from "../service";

const SHOWN = 12;

/** Venues by what this visitor looked at and saved, with the reasons; until they have it forgotten. */
export default function ForYouPage() {
  const visitor = useVisitor();
  useEffect(() => {
    document.title = "For you · VenueFinder";
  }, []);
  return (
    <main id="main" className="page">
      <h1>For you</h1>
      {visitor ? <Known visitor={visitor} /> : <Unknown />}
    </main>
  );
}

function Known({ visitor }: { visitor: string }) {
  const queries = useQueryClient();
  const queryKey = ["for-you", visitor];
  const found = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      await allTold();
      return sure(await service.api.POST("/v1/recommendations", { body: { user: visitor, limit: SHOWN }, signal }));
    },
  });
  const forgetting = useMutation({ mutationFn: forget });
  const dismiss = async (venue: string) => {
    await tell("dismiss", venue);
    await queries.invalidateQueries({ queryKey });
  };
  return (
    <>
      <header className="for-you">
        <h2>By what you looked at and saved in this browser</h2>
        <button
          type="button"
          className="chip-clear"
          disabled={forgetting.isPending}
          onClick={() => forgetting.mutate()}
        >
          {forgetting.isError ? "That failed; try again" : "Forget it"}
        </button>
      </header>
      {found.error ? (
        <Trouble error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data ? (
        <Recommended venues={found.data.results} onDismiss={dismiss} />
      ) : (
        <Waiting />
      )}
    </>
  );
}

function Unknown() {
  return (
    <section className="trouble">
      <p>Nothing to go by yet. Look at a few venues, or press the heart on one that you like.</p>
      <Link className="button primary" href="/">
        Find a venue
      </Link>
    </section>
  );
}
