import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The fonts' licence wants to go where they go; that of the scripts is `build.license`. */
const fontLicences: Plugin = {
  name: "font-licences",
  generateBundle() {
    for (const font of ["inter", "fraunces"]) {
      const source = readFileSync(here(`./node_modules/@fontsource-variable/${font}/LICENSE`));
      this.emitFile({ type: "asset", fileName: `licence-${font}.txt`, source });
    }
  },
};

export default defineConfig({
  plugins: [react(), fontLicences],
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
