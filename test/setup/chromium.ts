import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { onTestFinished, test } from "vitest";
import { executablePath, startChromium } from "./chromium-process.ts";

/** Without a browser on this machine the tests that need it are skipped. */
export const inBrowser = test.skipIf(executablePath === undefined);

/** Closed when the test ends. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await startChromium();
  onTestFinished(() => browser.close());
  return browser;
}

/** For docs/images and for one's own eyes, where `SPILLWAY_SCREENSHOTS` names the folder. */
export async function shoot(page: Page, name: string, { fullPage = false } = {}): Promise<void> {
  const folder = process.env.SPILLWAY_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
