import type { Browser, Locator, Page } from "playwright-core";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import { NAMESPACE } from "../demo/world.ts";

/** High enough for all that a run tells: the page scrolls within itself. */
const HEIGHT = 2_400;
const RUN_WIDTH = 1_280;
/** For all of its columns. */
const LIST_WIDTH = 1_560;
const MARGIN = 24;
/** So long the UI may ask a run that no worker answers for. */
const UNANSWERED_MS = 120_000;
const FRAME = 'iframe[title="output"]';
/** Where the UI keeps which columns its list has. */
const COLUMNS_KEY = "namespace-workflow-table-columns";
const COLUMNS = ["Status", "Workflow ID", ...Object.keys(SEARCH_ATTRIBUTE_TYPES)];

/** The Temporal UI, as somebody has it open who watches runs. */
export class TemporalUi {
  readonly #browser: Browser;
  readonly #url: string;

  constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = `${url}/namespaces/${NAMESPACE}/workflows`;
  }

  /** The list of runs, with a column for each search attribute of ours. */
  async list(): Promise<Buffer> {
    const page = await this.#open("", LIST_WIDTH);
    try {
      await page
        .getByRole("link", { name: /^migrate-/ })
        .first()
        .waitFor();
      return await pictureDownTo(page, [page.getByRole("row").last()]);
    } finally {
      await page.close();
    }
  }

  /** What a run tells of itself, once its current details hold these words. */
  async run(workflowId: string, shown: string): Promise<Buffer> {
    const page = await this.#open(`/${workflowId}`, RUN_WIDTH);
    try {
      await page.getByText("User Metadata").click();
      // The UI shows Markdown in frames of their own: the last one has the current details.
      const words = page.locator(FRAME).last().contentFrame().getByText(shown).first();
      await words.waitFor({ timeout: UNANSWERED_MS });
      const frames = await page.locator(FRAME).all();
      await page
        .locator(`${FRAME}[height]`)
        .nth(frames.length - 1)
        .waitFor();
      return await pictureDownTo(page, frames);
    } finally {
      await page.close();
    }
  }

  async #open(path: string, width: number): Promise<Page> {
    const page = await this.#page(width);
    await page.goto(`${this.#url}${path}`);
    return page;
  }

  async #page(width: number): Promise<Page> {
    const page = await this.#browser.newPage({
      viewport: { width, height: HEIGHT },
      colorScheme: "light",
      locale: "en-GB",
      timezoneId: "UTC",
    });
    const columns = COLUMNS.map((label, index) => ({ label, pinned: index < 2 }));
    const kept = JSON.stringify({ [NAMESPACE]: columns });
    await page.addInitScript(`localStorage.setItem(${JSON.stringify(COLUMNS_KEY)}, ${JSON.stringify(kept)})`);
    return page;
  }
}

/** The page from its top to the end of these. */
async function pictureDownTo(page: Page, last: readonly Locator[]): Promise<Buffer> {
  const boxes = await Promise.all(last.map((one) => one.boundingBox()));
  const end = Math.max(...boxes.map((box) => (box === null ? 0 : box.y + box.height)));
  const height = Math.min(HEIGHT, Math.ceil(end) + MARGIN);
  return page.screenshot({
    animations: "disabled",
    clip: { x: 0, y: 0, width: page.viewportSize()?.width ?? RUN_WIDTH, height },
  });
}
