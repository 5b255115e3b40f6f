import type { Page } from "@playwright/test";
import { cards, expect, sites, test } from "./story";

test.describe.configure({ mode: "serial" });

const names = (page: Page) => cards(page).getByRole("heading").allTextContents();

test("the order refines as scores come, and never under the cursor", async ({ page, isMobile }, { project }) => {
  await sites.gate(project.name, "closed");
  await page.goto(`${sites.closer()}/?q=a+hall+for+${project.name}+people&closer=1&weak=1`);
  await expect(page.getByText(/Looking at the photos of 24 venues/)).toBeVisible();
  const before = await names(page);
  const first = cards(page).first();
  await (isMobile ? first.getByRole("button", { name: /^Save/ }).tap() : first.hover());
  await sites.gate(project.name, "open");
  await expect(page.getByText("Ordered by what the photos show.")).toBeVisible();

  expect((await names(page))[0]).toBe(before[0]);
  const show = page.getByRole("button", { name: "Show the refined order" });
  await expect(show).toBeVisible();
  await (isMobile ? show.tap() : page.mouse.move(0, 0)); // a mouse that leaves the cards has asked by that
  await expect(cards(page).first().getByRole("heading")).not.toHaveText(before[0] ?? "");
  expect((await names(page)).toSorted()).toEqual(before.toSorted());
});

test("a closer look can be stopped", async ({ page }, { project }) => {
  await sites.gate(project.name, "closed");
  await page.goto(`${sites.closer()}/?q=a+garden+for+${project.name}+people&closer=1`);
  await page.getByRole("button", { name: "Stop" }).click();

  await expect(page.getByText("Stopped. This is the order by then.")).toBeVisible();
  await sites.gate(project.name, "open");
});

test("where no model can look closer, the page says so", async ({ page }) => {
  await page.goto("/?q=a+ballroom");
  await page.getByRole("button", { name: "Look closer" }).click();

  await expect(page.getByText(/The order stands as it is\./)).toBeVisible();
  await expect(page).toHaveURL(/closer=1/);
});
