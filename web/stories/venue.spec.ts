import { cards, expect, test } from "./story";

test("photos fill the window, by keyboard and by swiping", async ({ page, isMobile }) => {
  await page.goto("/venues/assembly-ballroom");
  await page.getByRole("button", { name: "5 photos" }).click();
  const box = page.getByRole("dialog", { name: "Photos of The Assembly Ballroom" });
  await expect(box).toContainText("1 of 5");
  if (isMobile) {
    // What a finger does to a strip that snaps: it scrolls by a screen.
    await box.locator(".strip").evaluate((strip) => strip.scrollBy({ left: strip.clientWidth }));
    await expect(box).toContainText("2 of 5");
  } else {
    await page.keyboard.press("ArrowRight");
    await expect(box).toContainText("2 of 5");
    await page.keyboard.press("End");
    await expect(box).toContainText("5 of 5");
    await page.keyboard.press("ArrowLeft");
    await expect(box).toContainText("4 of 5");
  }
  await page.keyboard.press("Escape");
  await expect(box).toBeHidden();
});

test("a claim that is seen opens the photo that shows it", async ({ page }) => {
  await page.goto("/venues/assembly-ballroom");
  await expect(page.getByText("dance floor: The listing says it")).toBeVisible();
  await page.getByRole("button", { name: /^indoors ?: A photo shows it/ }).click();

  await expect(page.getByRole("dialog")).toContainText(/indoors: a photo shows it, \d+ % sure/);
  await expect(page.getByRole("dialog").getByRole("img").first()).toBeVisible();
});

test("a question is answered by photos and listing", async ({ page }) => {
  await page.goto("/venues/assembly-ballroom");
  await page.getByRole("button", { name: "Is there a stage?" }).click();
  await expect(page.getByText("Yes. The listing says: a stage.")).toBeVisible();
  await page.getByRole("textbox", { name: /question/ }).fill("could 80 people dine outside?");
  await page.getByRole("button", { name: "Ask", exact: true }).click();

  await expect(page.getByText(/Unknown\. Neither/)).toBeVisible();
});

test("rooms, and the total for my guests", async ({ page }) => {
  await page.goto("/venues/ropewalk-workspace");
  const cost = page.getByRole("region", { name: "What it costs" });
  await expect(cost).toContainText("£900 a day");
  await cost.getByRole("spinbutton", { name: "Hours" }).fill("30");
  await expect(cost).toContainText("£1,800 in all");
  await cost.getByRole("spinbutton", { name: "Guests" }).fill("500");
  await expect(cost).toContainText("fewer than 500 fit");
  await expect(page).toHaveURL(/guests=500/);
  await expect(page.getByRole("row", { name: /Glass boardroom/ })).toBeVisible();
});

test("venues like this one, and cheaper", async ({ page }) => {
  await page.goto("/venues/assembly-ballroom?guests=100");
  const similar = page.getByRole("region", { name: "Similar venues" });
  await expect(similar.getByRole("article")).toHaveCount(4);
  await expect(similar).toContainText("Looks like The Assembly Ballroom");
  await similar.getByRole("button", { name: "Similar, but cheaper" }).click();
  await expect(similar).toContainText("less than The Assembly Ballroom");
  const next = await similar.getByRole("article").first().getByRole("heading").textContent();
  await similar.getByRole("article").first().getByRole("link").click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText(next ?? "");
  await expect(page).toHaveURL(/guests=100/);
});

test("a shortlist is compared, shared and built upon", async ({ page }) => {
  await page.goto("/");
  for (const place of [0, 1]) await cards(page).nth(place).getByRole("button", { name: /^Save/ }).click();
  await page.getByRole("link", { name: /Shortlist/ }).click();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Your shortlist");
  await expect(page.getByRole("columnheader")).toHaveCount(2);
  await page.getByRole("spinbutton", { name: "Guests" }).fill("50");
  await expect(page).toHaveURL(/guests=50/);
  const because = page.getByRole("region", { name: "Because you like these" });
  await expect(because.getByRole("article").first()).toBeVisible();
  await because.getByRole("button", { name: /^Save/ }).first().click();
  await expect(page.getByRole("columnheader")).toHaveCount(3);

  await page.goto("/shortlist?venues=lime-foyer,white-court,gone&guests=80");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("A shared shortlist");
  await expect(page.getByText("1 venue of this list is not in the catalogue any more.")).toBeVisible();
  await page.getByRole("button", { name: "Save all" }).click();
  await expect(page.getByRole("button", { name: "All saved" })).toBeVisible();
});
test.use({ expected: /status of 404/ });

test("what I looked at brings venues for me, until I have it forgotten", async ({ page }) => {
  await page.goto("/for-you");
  await expect(page.getByText("Nothing to go by yet.")).toBeVisible();
  await page.goto("/venues/assembly-ballroom");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("link", { name: "For you" }).click();

  await expect(cards(page)).toHaveCount(12);
  await expect(cards(page).first()).toContainText("The Assembly Ballroom");
  const unwanted = (await cards(page).first().getByRole("heading").textContent()) ?? "";
  await cards(page)
    .first()
    .getByRole("button", { name: /^Not for me/ })
    .click();
  await expect(page.getByRole("heading", { name: unwanted })).toHaveCount(0);
  await expect(cards(page)).toHaveCount(12);
  const forgotten = page.waitForResponse((response) => response.request().method() === "DELETE" && response.ok());
  await page.getByRole("button", { name: "Forget it" }).click();
  expect(await (await forgotten).json()).toMatchObject({ deleted: 3 });
  await expect(page.getByText("Nothing to go by yet.")).toBeVisible();
  await expect(page.getByRole("link", { name: "For you" })).toHaveCount(0);
});
