import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1_200, height: 860 } } as const;

export interface Look {
  on: keyof typeof SIZES;
  colorScheme: "light" | "dark";
}

/** What its reader sees first. */
export async function reportPicture(
  browser: Browser,
  path: string,
  { on, colorScheme }: Look,
): Promise<Buffer> {
  const page = await browser.newPage({
    viewport: SIZES[on],
    colorScheme,
    locale: "en-US",
    timezoneId: "UTC",
  });
  try {
    await page.goto(pathToFileURL(path).href);
    return await page.screenshot();
  } finally {
    await page.close();
  }
}
