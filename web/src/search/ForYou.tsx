import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { sure } from "@venuefinder/client";
import { Recommended } from "../parts/Recommended";
import { forget, tell, useVisitor } from "../parts/visitor";
import { service } from "../service";
import { Waiting } from "./Waiting";

const SHOWN = 4;

/** On the start page, for who was here before: venues by what they looked at and saved, until they have it forgotten. */
export function ForYou() {
  const visitor = useVisitor();
  return visitor && <Known visitor={visitor} />;
}

function Known({ visitor }: { visitor: string }) {
  const queries = useQueryClient();
  const queryKey = ["for-you", visitor];
  const found = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      sure(await service.api.POST("/v1/recommendations", { body: { user: visitor, limit: SHOWN }, signal })),
  });
  const forgetting = useMutation({ mutationFn: forget });
  const dismiss = async (venue: string) => {
    await tell("dismiss", venue);
    await queries.invalidateQueries({ queryKey });
  };

  if (found.isError || (found.data && (found.data.basis !== "events" || found.data.results.length === 0))) return null;
  return (
    <section className="for-you" aria-labelledby="for-you-title">
      <header>
        <h2 id="for-you-title">For you</h2>
        <p className="quiet small">
          By what you looked at and saved here.{" "}
          <button
            type="button"
            className="chip-clear"
            disabled={forgetting.isPending}
            onClick={() => forgetting.mutate()}
          >
            {forgetting.isError ? "That failed; try again" : "Forget it"}
          </button>
        </p>
      </header>
      {found.data ? <Recommended venues={found.data.results} onDismiss={dismiss} /> : <Waiting count={SHOWN} />}
    </section>
  );
}
