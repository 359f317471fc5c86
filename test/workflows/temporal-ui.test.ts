import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { markdownCode, markdownProse, markdownText } from "../../src/domain/markdown.ts";
import { hostileName } from "../domain/hostile.ts";
import { freePort } from "../setup/free-port.ts";
import { startTemporal } from "../setup/temporal-server.ts";

/** The page in which the Temporal UI shows summaries and details, as its server renders it. */
async function startUi(): Promise<(markdown: string) => Promise<string>> {
  const [port, uiPort] = [await freePort(), await freePort()];
  const server = await startTemporal({ port, uiPort, headless: false });
  onTestFinished(() => server.stop());
  return async (markdown) => {
    const page = await fetch(`http://127.0.0.1:${uiPort}/render?content=${encodeURIComponent(markdown)}`);
    return /<main>(.*)<\/main>/s.exec(await page.text())?.[1] ?? "no page";
  };
}

/** What the words of an operator may become there. */
const HARMLESS = /<\/?(?:p|code|strong)>|<br>/g;

test("the Temporal UI makes nothing but text and code of a name from outside", async () => {
  const render = await startUi();
  expect(await render("[x](https://a.example)")).toContain("<a ");
  const renders = fc.constantFrom(markdownText, markdownCode, markdownProse);
  await fc.assert(
    fc.asyncProperty(hostileName, renders, async (name, toMarkdown) => {
      const shown = await render(`Before.\\\n${toMarkdown(name.toWellFormed())}`);
      expect(shown).toMatch(/^\s*<p>Before\./);
      expect(shown.replace(HARMLESS, "")).not.toMatch(/[<>]/);
    }),
    { numRuns: 300 },
  );
});
