import { lazy, Suspense } from "react";
import { Link, Route, Switch } from "wouter";
import { Header } from "./Header";
import { KeyGate } from "./KeyGate";
import { useScrollToTop } from "./parts/useScrollToTop";
import { SearchPage } from "./search/SearchPage";

const VenuePage = lazy(() => import("./venue/VenuePage"));
const ForYouPage = lazy(() => import("./foryou/ForYouPage"));
const ShortlistPage = lazy(() => import("./shortlist/ShortlistPage"));

/** The page's addresses; venuefinder/api/page.py serves the same. */
export function App() {
  useScrollToTop();
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <KeyGate>
        <Suspense fallback={<main id="main" className="page" aria-busy="true" />}>
          <Switch>
            <Route path="/" component={SearchPage} />
            <Route path="/venues/:id">{({ id }) => <VenuePage key={id} id={id} />}</Route>
            <Route path="/shortlist" component={ShortlistPage} />
            <Route path="/for-you" component={ForYouPage} />
            <Route>
              <main id="main" className="page">
                <section className="trouble">
                  <h1>There is no such page</h1>
                  <Link className="button" href="/">
                    Find a venue
                  </Link>
                </section>
              </main>
            </Route>
          </Switch>
        </Suspense>
      </KeyGate>
    </>
  );
}
