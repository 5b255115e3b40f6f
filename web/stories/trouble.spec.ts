import { closeSync, mkdtempSync, openSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cards, expect, sites, test } from "./story";

test.use({ expected: /Failed to load resource|net::ERR/ });

test("a catalogue without venues says how to fill it", async ({ page }) => {
  await page.goto(sites.empty());

  await expect(page.getByRole("heading", { name: "There are no venues here yet" })).toBeVisible();
  await expect(page.getByText("make demo")).toBeVisible();
});

test("photos that cannot be shown leave their place", async ({ page }) => {
  await page.route("**/image?*", (route) => route.abort());
  await page.goto("/?q=a+ballroom");

  await expect(cards(page).first().getByText("This photo cannot be shown")).toBeVisible();
  await expect(cards(page).first().getByRole("link")).toBeVisible();
});

test("a service that takes its time is said to", async ({ page }) => {
  await page.clock.install();
  let answer: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/v1/search", async (route) => {
    await waiting;
    await route.continue();
  });
  await page.goto("/?q=a+ballroom");
  await expect(page.getByText("Looking…")).toBeVisible();
  await page.clock.runFor(5000);
  await expect(page.getByText("This takes longer than usual.")).toBeVisible();
  answer();
  await expect(cards(page).first()).toBeVisible();
});

test("a service that is down can be asked again", async ({ page }) => {
  await page.clock.install();
  await page.route("**/v1/search", (route) => route.abort());
  await page.goto("/?q=a+ballroom");
  await expect(page.getByText("Looking…")).toBeVisible();
  const title = page.getByRole("heading", { name: "The service does not answer" });
  await expect(async () => {
    await page.clock.runFor(3000);
    await expect(title).toBeVisible({ timeout: 100 });
  }).toPass();
  await page.unroute("**/v1/search");
  await page.getByRole("button", { name: "Try again" }).click();

  await expect(cards(page).first()).toBeVisible();
});

test("pictures that cannot be used are refused kindly, one by one", async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), "story-"));
  const [huge, letter] = [join(folder, "huge.jpg"), join(folder, "letter.jpg")];
  closeSync(openSync(huge, "w"));
  truncateSync(huge, 61_000_000);
  writeFileSync(letter, "Dear Sir or Madam, this is no picture.");
  await page.goto("/");
  await page.locator("input[type=file]").setInputFiles([huge, letter, sites.photo()]);

  const refused = page.getByRole("alert");
  await expect(refused).toContainText("huge.jpg is 61 MB, which is too large; 60 MB is the most.");
  await expect(refused).toContainText("letter.jpg is no picture that can be read");
  await expect(page.getByRole("list", { name: "Pictures that you search with" }).getByRole("listitem")).toHaveCount(1);
});

test("a picture that the service has forgotten is said to be", async ({ page }) => {
  await page.goto("/?pic=uAAAAAAAAAAAAAAAAAAAAAA");

  await expect(page.getByRole("heading", { name: "This search cannot be answered as it is" })).toBeVisible();
  await page.getByRole("button", { name: "Remove picture 1" }).click();
  await expect(cards(page).first()).toBeVisible();
});

test("a venue that is gone, and a page that never was", async ({ page }) => {
  await page.goto("/venues/no-such-venue");

  await expect(page.getByRole("heading", { name: "This is not here any more" })).toBeVisible();
});

test("a service with a key asks for it once", async ({ page }) => {
  await page.goto(`${sites.locked()}/?q=a+ballroom`);
  await page.getByLabel("API key").fill("wrong");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("alert")).toContainText("does not know the key");
  await page.getByLabel("API key").fill(sites.key());
  await page.getByRole("button", { name: "Continue" }).click();

  await expect(cards(page).first().getByRole("img").first()).toHaveAttribute("src", /^blob:/);
  await page.reload();
  await expect(cards(page).first().getByRole("img").first()).toHaveAttribute("src", /^blob:/);
});
