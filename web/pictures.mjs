/** Makes the pictures of the README from a running service with the sample venues: `make pictures`. */
import { chromium } from "@playwright/test";

const SITE = process.env.SITE ?? "http://127.0.0.1:8000";
const QUERY = "a brick loft with sofas and a kitchen for 20 guests under £2,000, no stage";
const PICTURES = [
  { file: "search.jpg", path: `/?q=${encodeURIComponent(QUERY)}`, ready: "article img" },
  { file: "venue.jpg", path: "/venues/ropewalk-workspace?guests=60&hours=8", ready: ".claims .mark" },
];

const browser = await chromium.launch({
  ...(process.env.CHROMIUM && { executablePath: process.env.CHROMIUM }),
  args: ["--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.25 });
for (const { file, path, ready } of PICTURES) {
  await page.goto(SITE + path, { waitUntil: "networkidle" });
  await page.locator(ready).first().waitFor();
  await page.waitForFunction(() =>
    [...document.images]
      .filter((image) => image.getBoundingClientRect().top < innerHeight)
      .every((image) => image.complete && image.naturalWidth > 0),
  );
  await page.screenshot({ path: `../docs/images/${file}`, type: "jpeg", quality: 82 });
}
await browser.close();
