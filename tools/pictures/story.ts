import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { counted } from "../../src/commands/format.ts";
import { say } from "../../src/commands/say.ts";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { wrongUse } from "../../src/exit.ts";
import { executablePath, startChromium } from "../../test/setup/chromium-process.ts";
import { run } from "../demo/children.ts";
import { clientIdOf } from "../demo/pool.ts";
import { enterGoogle } from "../demo/workos-side.ts";
import { cleanEnvironment, ROOT, startWorld, type World } from "../demo/world.ts";
import { Album } from "./album.ts";
import { AtTerminal } from "./at-terminal.ts";
import { NAMES } from "./catalogue.ts";
import { outdated } from "./made-of.ts";
import { fileOfPictures, peopleOfPictures } from "./people.ts";
import { reportPicture } from "./report-page.ts";
import { TemporalUi } from "./temporal-ui.ts";
import { terminalPicture } from "./terminal-page.ts";
import type { Rows } from "./terminal-screen.ts";

/** A whole migration, with a picture of each of its scenes. */
export async function pictures({ all }: { all: boolean }): Promise<void> {
  const wanted = all ? NAMES : outdated();
  if (wanted.length === 0)
    return say("Every picture shows the code as it is. To make all of them anew: --all");
  if (executablePath === undefined)
    return wrongUse("The pictures need Chromium, and there is none in /usr/bin: name one in CHROMIUM_PATH.");
  say(`${counted(wanted.length, "picture")} to make: ${wanted.join(", ")}`);
  const pool = peopleOfPictures();
  const world = await startWorld({ name: "pictures", pool, file: fileOfPictures(pool) });
  process.once("exit", () => rmSync(world.folder, { recursive: true, force: true }));
  const browser = await startChromium();
  try {
    await scenes(new Studio(world, browser, new Album(wanted)));
  } finally {
    await browser.close();
    await world.stop();
  }
}

async function scenes(studio: Studio): Promise<void> {
  // The list of runs shows it too.
  await studio.terminal(80, "plan", "migration.json").end();
  const migrate = studio.terminal(80, "migrate", "migration.json");
  await migrate.until(/skip/);
  await studio.runPage("temporal-gate", "Waiting");
  const watches = ([60, 120] as const).map((columns) => studio.terminal(columns, "watch", studio.pool));
  for (const watch of watches) await watch.until(/skip/);

  await studio.spillway("pace", studio.pool, "--writes", "15");
  await studio.openGate();
  const halfWay = /^users .* [5-8]\d %/m;
  await Promise.all([migrate, ...watches].map((one) => one.until(halfWay)));
  const screens = [migrate, ...watches].map(({ columns, screen }) => ({ columns, rows: screen.rows() }));
  await studio.runPage("temporal-users", "Running");
  for (const screen of screens) await studio.screen(screen);

  await migrate.interrupt();
  await Promise.all(watches.map((one) => one.until(/No worker/)));
  await studio.runPage("temporal-no-worker", "No Current Details");

  const again = studio.terminal(80, "migrate", "migration.json");
  await studio.spillway("pace", studio.pool, "--writes", "400", "--mails", "200");
  await again.until(/approve/);
  await studio.album.take("temporal-list", () => studio.ui.list());
  await studio.runPage("temporal-approval", "approval_resets");
  await studio.spillway("approve", studio.pool, "--yes");
  await again.end();
  // The UI has a run's current details from its worker, also once it is done.
  studio.startWorker();
  await studio.runPage("temporal-done", "Done");
  await studio.reports();
}

/** Everything at hand for the scenes. */
class Studio {
  readonly pool: string;
  readonly ui: TemporalUi;
  readonly #browser: Browser;
  readonly album: Album;
  readonly #world: World;

  constructor(world: World, browser: Browser, album: Album) {
    this.#world = world;
    this.#browser = browser;
    this.album = album;
    this.pool = world.pool.poolId;
    this.ui = new TemporalUi(browser, world.temporal.ui);
  }

  terminal(columns: number, ...words: string[]): AtTerminal {
    return new AtTerminal(words, { folder: this.#world.folder, settings: this.#settings(), columns });
  }

  async screen({ columns, rows }: { columns: number; rows: Rows }): Promise<void> {
    const picture = NAMES.find((name) => name === `terminal-${columns}`);
    if (picture !== undefined)
      await this.album.take(picture, () => terminalPicture(this.#browser, columns, rows));
  }

  startWorker(): void {
    this.#world.startWorker();
  }

  async spillway(...words: string[]): Promise<void> {
    await run(join(ROOT, "spillway"), words, { ...cleanEnvironment(), ...this.#world.settings });
  }

  runPage(
    picture:
      | "temporal-gate"
      | "temporal-users"
      | "temporal-no-worker"
      | "temporal-approval"
      | "temporal-done",
    shown: string,
  ) {
    return this.album.take(picture, () => this.ui.run(workflowIdOf(this.pool), shown));
  }

  /** Google is entered as it stands in Cognito, and Apple is skipped. */
  async openGate(): Promise<void> {
    await enterGoogle(this.#world.workosUrl, clientIdOf(this.#world.pool, "Google"));
    await this.spillway("skip", this.pool, "SignInWithApple", "--reason", "nobody uses it", "--yes");
  }

  async reports(): Promise<void> {
    const folder = join(this.#world.folder, "report");
    await this.spillway("report", "--out", folder);
    const page = join(folder, "report.html");
    for (const on of ["desktop", "phone"] as const)
      for (const colorScheme of ["light", "dark"] as const)
        await this.album.take(`report-${on}${colorScheme === "dark" ? "-dark" : ""}`, () =>
          reportPicture(this.#browser, page, { on, colorScheme }),
        );
  }

  /** The ledger and the file by their names alone: commands run where they lie. The queue is that of workers. */
  #settings(): Record<string, string> {
    const { settings } = this.#world;
    return { ...settings, SPILLWAY_LEDGER: "sqlite:ledger.db", SPILLWAY_TASK_QUEUE: "spillway" };
  }
}
