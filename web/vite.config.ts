import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@venuefinder/client": here("./client/src/index.ts") } },
  build: {
    outDir: here("../venuefinder/page"),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's Content-Security-Policy takes no data: scripts and fonts
    license: { fileName: "licences.md" },
    modulePreload: { polyfill: false },
  },
  server: {
    // `npm run dev` beside `venuefinder serve`: to the browser it is one site, so no CORS is needed.
    proxy: { "/v1": process.env.VENUEFINDER ?? "http://127.0.0.1:8000" },
  },
});
