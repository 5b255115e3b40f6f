import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Problem } from "@venuefinder/client";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { askForKey } from "./KeyGate";
import { applyTheme } from "./parts/theme";
import "./styles/index.css";

applyTheme();

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof Problem && error.kind === "unauthorised") askForKey();
    },
  }),
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (times, error) => times < 2 && error instanceof Problem && error.kind === "unreachable",
      retryDelay: (attempt) => Math.min(800 * 2 ** attempt, 5000),
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
