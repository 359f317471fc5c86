import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished, test } from "vitest";

/** The browser of this machine; without one the tests that need it are skipped. */
const executablePath =
  process.env.CHROMIUM_PATH ??
  ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
    existsSync(path),
  );

export const inBrowser = test.skipIf(executablePath === undefined);

/** Closed when the test ends. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    // Chromium refuses to run as root in its sandbox.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  onTestFinished(() => browser.close());
  return browser;
}

/** For docs/images and for one's own eyes, where `SPILLWAY_SCREENSHOTS` names the folder. */
export async function shoot(page: Page, name: string, { fullPage = false } = {}): Promise<void> {
  const folder = process.env.SPILLWAY_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
