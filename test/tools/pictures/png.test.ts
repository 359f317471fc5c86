import { expect } from "vitest";
import { decodePng, withPalette } from "../../../tools/pictures/png.ts";
import { inBrowser, launchBrowser } from "../../setup/chromium.ts";

const RAINBOW = "linear-gradient(90deg, red, yellow, lime, aqua, blue, magenta)";

inBrowser("a picture with a palette is smaller, and shows the same", async () => {
  const page = await (await launchBrowser()).newPage({ viewport: { width: 300, height: 80 } });
  await page.setContent(`<body style="background: #123456"><p style="background: ${RAINBOW}">Words`);
  const whole = await page.screenshot();
  const small = withPalette(whole);
  expect(small.length).toBeLessThan(whole.length);
  const [before, after] = [decodePng(whole), decodePng(small)];
  expect([after.width, after.height]).toEqual([300, 80]);
  // The ground stays as it is; of many colours each becomes one that is near.
  expect(after.colours[0]).toBe(0x123456);
  const distances = before.colours.map((colour, index) => {
    const other = after.colours[index] ?? 0;
    return Math.max(...[16, 8, 0].map((by) => Math.abs(((colour >> by) & 0xff) - ((other >> by) & 0xff))));
  });
  expect(Math.max(...distances)).toBeLessThan(48);
});
