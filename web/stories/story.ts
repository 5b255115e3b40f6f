import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

export { expect } from "@playwright/test";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the stories by: make test, or pytest tests/e2e`);
  return value;
}

/** Where the stories take place: `tests/e2e/sites.py` has what is special about each. */
export const sites = {
  samples: () => setting("SITE"),
  closer: () => setting("CLOSER"),
  empty: () => setting("EMPTY"),
  locked: () => setting("LOCKED"),
  key: () => setting("KEY"),
  gate: (name: string, state: "open" | "closed") => fetch(`${setting("GATE")}/${name}/${state}`),
  photo: () => setting("PHOTO"),
};

/** A story ends with the page as axe wants it, in light and in dark, and without a word to any other host. */
export const test = base.extend<{ untroubled: undefined; expected: RegExp | undefined }>({
  /** What the console may say, in stories of trouble. */
  expected: [undefined, { option: true }],
  untroubled: [
    async ({ page, expected }, use) => {
      const foreign: string[] = [];
      const said: string[] = [];
      page.on("request", (request) => {
        const { protocol, hostname } = new URL(request.url());
        if (protocol.startsWith("http") && hostname !== "127.0.0.1") foreign.push(request.url());
      });
      page.on("console", (message) => message.type() === "error" && said.push(message.text()));
      page.on("pageerror", (error) => said.push(error.message));
      await use(undefined);
      expect(foreign).toEqual([]);
      expect(said.filter((line) => !expected?.test(line))).toEqual([]);
      await accessible(page);
      await page.emulateMedia({ colorScheme: "dark" });
      await accessible(page, ["color-contrast"]);
    },
    { auto: true },
  ],
});

async function accessible(page: Page, rules?: string[]) {
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  expect(found).toEqual([]);
}

export const cards = (page: Page) => page.getByRole("article");

export async function search(page: Page, words: string) {
  await page.getByRole("textbox", { name: "Describe the venue you look for" }).fill(words);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/q=/);
  await expect(page.locator("[aria-busy=true] .ghost")).toHaveCount(0);
}
