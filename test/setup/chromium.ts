import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
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
