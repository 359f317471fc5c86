import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { expect, test } from "vitest";
import { takeCursor } from "../../src/ledger/cursors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { addItems, type NewItem } from "../../src/ledger/queue.ts";
import { ownForUndo, readMigration, runOf } from "../../src/ledger/runs.ts";
import { writeUndoReport } from "../../src/report/write-report.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { inBrowser, launchBrowser, shoot } from "../setup/chromium.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, POOL_ID } from "./pools.ts";

const HOSTILE = `<script>globalThis.acted = 1</script>`;
const MARK = "marked@example.com";
const PHONE_WIDTH = 375;
const UNDO = {
  userPoolId: POOL_ID,
  destination: { kind: "workos" },
  confirm: POOL_ID,
  signedInSince: "keep",
} as const;

type Ended = [
  key: string,
  intent: "remove" | "restore",
  state: "done" | "skipped" | "failed" | "pending",
  code?: string,
];

const USERS: readonly Ended[] = [
  ["a", "remove", "done"],
  ["b", "remove", "done"],
  ["c", "restore", "done"],
  ["d", "remove", "skipped", "signed_in_since"],
  ["e", "remove", "skipped", "signed_in_since"],
  ["f", "remove", "failed", HOSTILE],
  ["h", "remove", "failed", "constructor"],
  [MARK, "remove", "done"],
];

/** The page of an undo that has come to its end, or has not. */
async function writtenPage(ledger: Ledger, { isOver = true } = {}): Promise<string> {
  const migrated = await ownedMigration(ledger);
  const owner = { namespace: "default", workflowId: "migrate", firstRunId: "undo" };
  await ledger.write((tx) => ownForUndo(tx, UNDO, owner, migrated));
  const migration = await ledger.read((db) => readMigration(db, migrated.id));
  const run = runOf(migration);
  await takeCursor(ledger, { ...run, name: "plan" }, 1);
  const users: readonly Ended[] = isOver ? USERS : [...USERS, ["g", "remove", "pending"]];
  const itemOf = ([key, intent]: Ended): NewItem => ({ kind: "user", key, intent, doubtSinceMs: null });
  await ledger.write(async (tx) => {
    await addItems(tx, run, "users", 0, users.map(itemOf));
    for (const [key, , state, code = null] of users)
      await tx.updateTable("work_items").set({ state, code }).where("key", "=", key).execute();
    const counters = JSON.stringify({ mailed: 2, secrets: 1 });
    await tx.updateTable("cursors").set({ done: 1, counters }).where("name", "=", "plan").execute();
    const role = { migration_id: run.migrationId, kind: "role", key: "admin", state: "standing" } as const;
    const made = { destination_id: "role_1", how: "created", first_claimed_at_ms: 1 } as const;
    const memberships = ["d acme", "g acme"].map(
      (key) => ({ ...role, ...made, kind: "membership", key }) as const,
    );
    await tx
      .insertInto("placed")
      .values([{ ...role, ...made }, ...memberships])
      .execute();
  });
  const folder = join(freshFolder(), "report");
  await writeUndoReport(ledger, migration, folder);
  return join(folder, "report.html");
}

const rowOf = (text: string, first: string) =>
  new RegExp(`<th scope="row" class="text">${first}(?:<div.*?</div>)?</th>(?:<td[^>]*>[^<]*</td>)+`).exec(
    text,
  )?.[0];

test("the page of an undo counts what was removed, restored and kept, why, and what is left to do", async () => {
  const text = readFileSync(await writtenPage(await freshSqlite().open()), "utf8");
  expect(text).toContain('<h1><span class="result undone">undone</span>');
  expect(text).toContain("Undo of the migration");
  const cells = rowOf(text, "people")?.match(/>[^<]+</g);
  expect(cells).toEqual([">people<", ">3<", ">1<", ">2<", ">2<", ">0<"]);
  expect(text).toMatch(/<code><bdi>signed_in_since<\/bdi><\/code><div class="note">signed in since<\/div>/);
  expect(text).toMatch(/<code><bdi>no_removal<\/bdi><\/code>/);
  expect(text).toContain("1 client secret stays in the secret store: delete them there.");
  expect(text).toContain("2 people had a reset mail");
  expect(text).toContain("Give it again for what failed");
  expect(text).not.toContain("Give the command of the undo again");
});

test("a code that is no reason of ours is told as it is", async () => {
  const page = await writtenPage(await freshSqlite().open());
  expect(readFileSync(page, "utf8")).toMatch(
    /<code><bdi>constructor<\/bdi><\/code>(?!<div class="note">function)/,
  );
  expect(readFileSync(join(page, "../undo.csv"), "utf8").split("\n")).toContain("user,h,failed,constructor,");
});

test("an undo under way says so, and keeps no membership whose account goes yet", async () => {
  const page = await writtenPage(await freshSqlite().open(), { isOver: false });
  const text = readFileSync(page, "utf8");
  const lines = readFileSync(join(page, "../undo.csv"), "utf8").split("\n");
  expect(lines).toContain("membership,g acme,open,,");
  expect(lines.find((line) => line.startsWith("membership,d acme"))).toMatch(/,kept,account_kept,/);
  expect(text).toContain('<h1><span class="result unfinished">unfinished</span>');
  expect(text).toContain("Give the command of the undo again: it goes on.");
});

test("it is one file that asks nobody for anything, runs nothing and names nobody", async () => {
  const text = readFileSync(await writtenPage(await freshSqlite().open()), "utf8");
  expect(text).toContain("default-src 'none'");
  expect(text).not.toMatch(/<(?:script|link|img|iframe|object|embed)\b/i);
  expect(text).not.toMatch(/(?:src|href)="(?!#)/);
  expect(text).toContain("&lt;script&gt;");
  expect(text).not.toContain(MARK);
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [PHONE_WIDTH, 1280])
    inBrowser(`axe finds no violation in the page of an undo: ${colorScheme}, ${width} px wide`, async () => {
      const path = await writtenPage(await freshSqlite().open(), { isOver: colorScheme === "dark" });
      const browser = await launchBrowser();
      const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
      await page.goto(pathToFileURL(path).href);
      await page.evaluate(axe.source);
      await shoot(page, `report-undo-${colorScheme}-${width}`, { fullPage: true });
      const violations = await page.evaluate(`axe.run(document).then(({ violations }) =>
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`);
      expect(violations).toEqual([]);
      const { scrollWidth } = await page.locator("html").evaluate(({ scrollWidth }) => ({ scrollWidth }));
      expect(scrollWidth).toBeLessThanOrEqual(width);
    });
