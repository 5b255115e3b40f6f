import { defineConfig, devices } from "@playwright/test";

/** The stories of `stories/`, each on a desktop and on a phone. `tests/e2e/test_stories.py` starts what they visit. */
export default defineConfig({
  testDir: "stories",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 30_000 },
  reporter: "line",
  use: {
    baseURL: process.env.SITE ?? "http://127.0.0.1:8000",
    contextOptions: { reducedMotion: "reduce" }, // axe would judge colours that are still changing
    trace: process.env.TRACE ? "retain-on-failure" : "off", // a trace costs more than its story
    launchOptions: {
      ...(process.env.CHROMIUM && { executablePath: process.env.CHROMIUM }),
      args: [
        "--disable-background-networking",
        "--disable-component-update",
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ],
    },
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 860 } } },
    { name: "phone", use: { ...devices["Pixel 7"] }, grepInvert: /@desktop/ }, // a phone has no Tab key
  ],
});
