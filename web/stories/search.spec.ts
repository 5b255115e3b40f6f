import { gzipSync } from "node:zlib";
import { cards, expect, search, sites, test } from "./story";

const SENTENCE = "a ballroom with chandeliers and a dance floor for 150 guests near Bath, no camping";

test("somebody comes for the first time", async ({ page }) => {
  const scripts: number[] = [];
  page.on("response", async (response) => {
    if (response.request().resourceType() === "script") scripts.push(gzipSync(await response.body()).length);
  });
  await page.addInitScript(() => {
    Object.assign(window, { shifts: 0 });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
        (window as unknown as { shifts: number }).shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.goto("/", { waitUntil: "networkidle" });

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Describe the place you have in mind");
  await expect(page.getByRole("heading", { name: "All 33 venues" })).toBeVisible();
  await expect(cards(page)).toHaveCount(24);
  const weight = scripts.reduce((sum, bytes) => sum + bytes, 0);
  expect(scripts.length).toBeGreaterThan(0);
  expect(weight).toBeLessThan(150_000);
  expect(await page.evaluate(() => (window as unknown as { shifts: number }).shifts)).toBeLessThan(0.02);
});

test("a sentence finds venues, and says why each is there", async ({ page, isMobile }) => {
  await page.goto("/");
  await search(page, SENTENCE);

  const ballroom = cards(page).first();
  await expect(ballroom.getByRole("heading")).toHaveText("The Assembly Ballroom");
  await expect(ballroom.getByRole("img").first()).toHaveJSProperty("complete", true);
  await expect(page.getByRole("list", { name: "How your search was understood" })).toContainText("for 150 guests");
  const stated = ballroom.getByRole("button", { name: /^dance floor ?: The listing says it/ });
  await (isMobile ? stated.tap() : stated.hover());
  await expect(page.getByRole("tooltip")).toContainText("Listed amenity: dance floor.");
  const unknown = ballroom.getByRole("button", { name: /^chandeliers ?: Not known/ });
  await unknown.focus();
  await expect(page.getByRole("tooltip")).toContainText("Neither its photos nor its listing tell.");

  await page.reload();
  await expect(cards(page).first().getByRole("heading")).toHaveText("The Assembly Ballroom");
});

test("what was understood can be taken back, changed and insisted on", async ({ page }) => {
  await page.goto(`/?q=${encodeURIComponent(SENTENCE)}`);
  await expect(page.getByRole("heading", { name: "1 venue", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Remove “near Bath”" }).click();
  await expect(page).toHaveURL(/off=/);
  await expect(page.getByRole("heading", { name: "1 venue", exact: true })).toBeHidden();
  await page.getByRole("button", { name: /near Bath ?: switched off/ }).click();
  await expect(page.getByRole("heading", { name: "1 venue", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "for 150 guests", exact: true }).click();
  await page.getByRole("spinbutton", { name: "Guests" }).fill("30");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("button", { name: "30 guests", exact: true })).toBeVisible();
  await expect(page).toHaveURL(/guests=30/);

  await page.getByRole("button", { name: "dance floor", exact: true }).click();
  await page.getByRole("button", { name: "Only where the listing says it" }).click();
  await expect(page).toHaveURL(/has=dance\+floor/);
  await page.goBack();
  await expect(page).not.toHaveURL(/has=/);
});

test("where a name means several places, the page asks which", async ({ page }) => {
  await page.goto("/?q=a+loft+near+Cambridge");
  await page.getByRole("button", { name: "near Cambridge", exact: true }).click();
  await page.getByRole("button", { name: "Cambridge, GB" }).click();

  await expect(page).toHaveURL(/place=Cambridge%2C\+GB/);
});

test("where little fits, the page says what each condition costs", async ({ page }) => {
  await page.goto(`/?q=${encodeURIComponent(SENTENCE)}`);
  await page.getByRole("button", { name: /without “near Bath”/ }).click();

  await expect(page).toHaveURL(/off=/);
  await expect(cards(page).nth(1)).toBeVisible();
});

test("filters, facets and sorting", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Filters" }).click();
  const sheet = page.getByRole("dialog", { name: "Filters" });
  await sheet.getByRole("spinbutton", { name: "How many" }).fill("60");
  await sheet.getByText("wifi").click();
  await sheet.getByRole("button", { name: "Show venues" }).click();

  await expect(page).toHaveURL(/guests=60.*has=wifi/);
  await expect(page.getByRole("button", { name: "Remove “60 guests”" })).toBeVisible();
  await page.getByRole("combobox", { name: "Sort by" }).selectOption("price");
  await expect(page).toHaveURL(/sort=price/);
  await expect(cards(page).first()).toBeVisible();
  await page.getByRole("button", { name: /^foyer/ }).click();
  await expect(cards(page)).toHaveCount(1);
  await expect(cards(page).first()).toContainText("foyer");
});

test("weak matches are folded away, and unfold", async ({ page }) => {
  await page.goto("/?q=a+sunny+wood+for+60+guests+under+%C2%A32%2C000");
  await expect(cards(page).first()).toBeVisible();
  const strong = await cards(page).count();
  await page.getByRole("button", { name: /weaker match/ }).click();

  await expect(page).toHaveURL(/weak=1/);
  expect(await cards(page).count()).toBeGreaterThan(strong);
  await page.getByRole("button", { name: "Hide the weaker matches" }).click();
  await expect(cards(page)).toHaveCount(strong);
});

test("the list goes on by itself, and Back leads to where one was", async ({ page }) => {
  await page.goto("/");
  await cards(page).last().scrollIntoViewIfNeeded();
  await expect(cards(page)).toHaveCount(33);
  await expect(page).toHaveURL(/shown=33/);
  await cards(page).nth(28).scrollIntoViewIfNeeded();
  const name = await cards(page).nth(28).getByRole("heading").textContent();
  await cards(page).nth(28).getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name ?? "");
  await page.getByRole("button", { name: "Back to the results" }).click();

  await expect(cards(page)).toHaveCount(33);
  await expect(cards(page).nth(28)).toBeInViewport();
  await page.reload();
  await expect(cards(page)).toHaveCount(33);
});

test("pictures search too: one's own, and more or less of what is there", async ({ page, isMobile }) => {
  await page.goto("/");
  await page.locator("input[type=file]").setInputFiles(sites.photo());
  await expect(page).toHaveURL(/pic=u/);
  const board = page.getByRole("list", { name: "Pictures that you search with" });
  await expect(board.getByRole("listitem")).toHaveCount(1);

  const second = cards(page).nth(1);
  if (!isMobile) await second.hover();
  await second.getByRole("button", { name: /^Less like/ }).click();
  await expect(page).toHaveURL(/pic=u[^&]*&pic=p\d+\*-0\.5/);
  await expect(board.getByRole("listitem")).toHaveCount(2);
  await board.getByRole("button", { name: "Remove picture 1" }).click();
  await expect(page.getByText("Less like these, but like what?")).toBeVisible();
  await board.getByRole("button", { name: /picture 1; want more like it/ }).click();
  await expect(cards(page).first()).toBeVisible();
});

test("a picture may be dropped or pasted", async ({ page }) => {
  await page.goto("/");
  const carried = await page.evaluateHandle(async () => {
    const canvas = new OffscreenCanvas(320, 240);
    const pen = canvas.getContext("2d");
    if (pen) pen.fillStyle = "#264";
    pen?.fillRect(0, 0, 320, 240);
    const transfer = new DataTransfer();
    transfer.items.add(
      new File([await canvas.convertToBlob({ type: "image/png" })], "mood.png", { type: "image/png" }),
    );
    return transfer;
  });
  await page.dispatchEvent("main", "dragenter", { dataTransfer: carried });
  await expect(page.getByText("Let go, and find venues that look like this")).toBeVisible();
  await page.dispatchEvent("main", "drop", { dataTransfer: carried });
  await expect(page).toHaveURL(/pic=u/);
  await page.evaluate((clipboardData) => {
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, carried);

  await expect(page.getByRole("list", { name: "Pictures that you search with" }).getByRole("listitem")).toHaveCount(2);
});

test("where nothing fits, the page says what to let go of", async ({ page }) => {
  await page.goto("/?q=a+ballroom+for+150+guests+under+%C2%A32k+near+Bath&strict=1");
  await expect(page.getByRole("heading", { name: "No venue fits all of this" })).toBeVisible();
  await page.getByRole("button", { name: "Let go of it" }).click();

  await expect(cards(page).first()).toBeVisible();
});

test("all of it by keyboard alone", { tag: "@desktop" }, async ({ page }) => {
  await page.goto("/");
  await expect(cards(page).first()).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  for (let stops = 0; stops < 6 && !(await page.locator("textarea:focus").count()); stops += 1)
    await page.keyboard.press("Tab");
  await page.keyboard.type("a brick loft");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=a\+brick\+loft/);
  await expect(page.getByRole("heading", { name: "Tannery Loft" })).toBeVisible();
  await page.getByRole("button", { name: "Filters" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Filters" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Filters" })).toBeHidden();
  const first = cards(page).first().getByRole("link");
  await first.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/venues\//);
});
