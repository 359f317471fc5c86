import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { finding } from "../../src/domain/findings.ts";
import { noteDifferences } from "../../src/ledger/differences.ts";
import { replaceFindings } from "../../src/ledger/findings.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { runOf } from "../../src/ledger/runs.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { inBrowser, launchBrowser, shoot } from "../setup/chromium.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { ownedMigration, person, seedItems, seedPeople } from "./pools.ts";
import { checkOf, clientOf, providerOf, seedSetUp, shapeOf } from "./set-ups.ts";

/** Each would act in a page that took it for HTML, for an attribute, for Markdown, or for a style. */
const HOSTILE = [
  `<script>globalThis.acted = 1</script>`,
  `"><img src=x onerror="globalThis.acted = 1">`,
  `' onmouseover='globalThis.acted = 1`,
  `</style></table><svg onload=globalThis.acted=1>`,
  `[x](javascript:globalThis.acted=1) ![x](https://vendor.example/x.png)`,
  `</title><iframe src=javascript:globalThis.acted=1>`,
  "`<b>`|<b>x</b>\u202egnp.exe",
];
const PHONE_WIDTH = 375;
/** Stands in every address. */
const MARK = "marked";

/** Every section has something to say. */
async function writtenPage(ledger: Ledger, { dryRun = false } = {}): Promise<string> {
  const migration = await ownedMigration(ledger, { dryRun, passwordResets: { send: true } });
  const run = runOf(migration);
  const people = ["a", "b", "c", "d", "e"].map((sub) => person(sub, { email: `${sub}@${MARK}.example` }));
  const twin = person("t", { email: `a@${MARK}.example` });
  const out = [person("s"), person("u")];
  await seedPeople(ledger, migration, { imported: people, merged: [[twin, "a"]], skipped: out });
  await ledger.write(async (tx) => {
    await tx.updateTable("plan").set({ reason: "decision_nobody_verified" }).where("sub", "=", "u").execute();
    await tx.updateTable("source_users").set({ native: 0 }).where("sub", "=", "b").execute();
    const moved = { migration_id: migration.id, begun_at_ms: 1, open_moves: 0 };
    const days = ["c", "d"].map((sub, day) => ({ ...moved, sub, moved_at_ms: day * 86_400_000 }));
    await tx.insertInto("bridge_moves").values(days).execute();
    const twist = { ...finding("identities_broken", { count: 1 }), what: HOSTILE.join(" "), advice: null };
    await replaceFindings(tx, migration.id, migration.generation, "plan", [twist]);
    const walk = { migration_id: migration.id, generation: migration.generation, fence: 1, position: null };
    const walks = ["snapshot", "report"].map((name) => ({ ...walk, name, done: 1 as const, counters: "{}" }));
    await tx.insertInto("cursors").values(walks).execute();
    const differs = { kind: "user", key: "a", difference: "differs" } as const;
    await noteDifferences(tx, run, [
      ...HOSTILE.map((field) => ({ ...differs, field })),
      { ...differs, field: "" },
    ]);
    const memberships = HOSTILE.map((organization) => ({ sub: "a", organization, roles: [] }));
    const objects = memberships.map((data) => ({
      kind: "membership" as const,
      key: membershipKey(data),
      data,
    }));
    await writePlannedObjects(tx, run, "memberships", objects);
  });
  await seedSetUp(ledger, migration, {
    shape: shapeOf({ mfa: "ON", triggers: ["PreSignUp"], domain: "acme" }),
    providers: HOSTILE.map((name) => providerOf(name)),
    checks: HOSTILE.map((name) => checkOf(name, { state: "skipped", reason: name })),
    clients: HOSTILE.map((name, index) => clientOf(`${index}`, { name, callbackUrls: [name] })),
    groups: HOSTILE.map((name) => ({ name, description: name, precedence: 1 })),
    identities: Object.fromEntries(HOSTILE.map((name) => [name, 1])),
  });
  await seedItems(ledger, migration, "resets", [{ key: "a", destinationId: "password_reset_1" }]);
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  return join(folder, "report.html");
}

async function openPage(path: string, look: { width?: number; colorScheme?: "light" | "dark" } = {}) {
  const { width = PHONE_WIDTH, colorScheme = "light" } = look;
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(path).href);
  return { page, requests };
}

const SECTIONS = [
  "outcomes",
  "sign-in",
  "organizations",
  "throughput",
  "resets",
  "bridge",
  "differences",
  "decisions",
  "findings",
  "hand-off",
  "cutover",
];

test("the page is one file that asks nobody for anything, and names no address", async () => {
  const text = readFileSync(await writtenPage(await freshSqlite().open()), "utf8");
  for (const id of SECTIONS) expect(text).toContain(`<section id="${id}"`);
  expect(text).toContain("default-src 'none'");
  expect(text).not.toMatch(/<(?:script|link|img|iframe|object|embed)\b/i);
  expect(text).not.toMatch(/(?:src|href)="(?!#)/);
  expect(text).not.toMatch(/url\(|@import/);
  expect(text).not.toContain(MARK);
});

test("a plan's page says so, and tells nothing of differences", async () => {
  const text = readFileSync(await writtenPage(await freshSqlite().open(), { dryRun: true }), "utf8");
  expect(text).toContain("Plan of the migration");
  expect(text).toMatch(/<h1><span class="result planned">planned<\/span>/);
  expect(text).not.toContain('<section id="differences"');
});

inBrowser("names from outside are text on the page, whatever is in them", async () => {
  const { page, requests } = await openPage(await writtenPage(await freshSqlite().open()));
  expect(requests).toHaveLength(1);
  expect(await page.evaluate("globalThis.acted")).toBeUndefined();
  const made =
    "script, img, iframe, object, embed, link, form, b, [onerror], [onload], [onmouseover], svg svg";
  expect(await page.locator(made).count()).toBe(0);
  expect(await page.locator('a:not([href^="#"])').count()).toBe(0);
  const cells = await page.locator("#organizations tbody th").allTextContents();
  expect(cells).toContain(HOSTILE[0]);
  expect(cells).toContain(HOSTILE[6]?.replace("\u202e", "\ufffd"));
  expect(await page.locator("#differences").textContent()).toContain(HOSTILE[1]);
});

for (const colorScheme of ["light", "dark"] as const)
  for (const width of [PHONE_WIDTH, 1280])
    for (const dryRun of [false, true])
      inBrowser(
        `axe finds no violation: ${colorScheme}, ${width} px wide, ${dryRun ? "a plan" : "a run"}`,
        async () => {
          const path = await writtenPage(await freshSqlite().open(), { dryRun });
          const { page } = await openPage(path, { width, colorScheme });
          await page.evaluate(axe.source);
          for (const details of await page.locator("summary").all()) await details.click();
          await shoot(page, `report-${dryRun ? "plan" : "run"}-${colorScheme}-${width}`, { fullPage: true });
          expect(await violations(page)).toEqual([]);
          const { scrollWidth } = await page.locator("html").evaluate(({ scrollWidth }) => ({ scrollWidth }));
          expect(scrollWidth).toBeLessThanOrEqual(width);
        },
      );

/** As long as Cognito's and WorkOS's names are. */
async function pageOfApplications(): Promise<string> {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger, { passwordResets: { send: true } });
  const ids = ["1h57kf5cpq17m0eml12EXAMPLE", "2h57kf5cpq17m0eml12EXAMPLE"];
  await seedSetUp(ledger, migration, {
    shape: shapeOf({ domain: "example-customers-production" }),
    providers: [providerOf("LoginWithAmazon", { type: "LoginWithAmazon" })],
    clients: ids.map((id) =>
      clientOf(id, {
        name: "customer-web-app",
        callbackUrls: [`https://app.example.com/auth/${id}/callback`],
      }),
    ),
    applications: ids,
    identities: { LoginWithAmazon: 1_203 },
  });
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  return join(folder, "report.html");
}

/** Names of the tables that are wider than the page. */
function cutTables(page: Page): Promise<unknown> {
  return page.evaluate(
    `[...document.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute("aria-label"))`,
  );
}

/** Of A4 with Chromium's margins, at 96 dots an inch. */
const PAPER_WIDTH = 718;

inBrowser("on a screen and on paper every column of every table is there", async () => {
  const { page } = await openPage(await pageOfApplications(), { width: 1280 });
  expect(await page.locator("#hand-off table").count()).toBeGreaterThan(1);
  await shoot(page, "applications-1280", { fullPage: true });
  expect(await cutTables(page)).toEqual([]);
  await page.setViewportSize({ width: PAPER_WIDTH, height: 1000 });
  await page.emulateMedia({ media: "print" });
  await shoot(page, "applications-paper", { fullPage: true });
  expect(await cutTables(page)).toEqual([]);
});

inBrowser("on a phone the name of a provider stays on one line", async () => {
  const { page } = await openPage(await pageOfApplications());
  await shoot(page, "applications-phone", { fullPage: true });
  const lines = `document.querySelector("#sign-in tbody th bdi").getClientRects().length`;
  const name = page.locator("#sign-in tbody th bdi").first();
  expect(await name.textContent()).toBe("LoginWithAmazon");
  expect(await page.evaluate(lines)).toBe(1);
});

async function violations(page: Page): Promise<unknown> {
  return page.evaluate(`axe.run(document).then(({ violations }) =>
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`);
}

test("people whose provider does not come along are not told of the same button", async () => {
  const ledger = await (await freshSqlite()).open();
  const migration = await ownedMigration(ledger);
  const by: Record<string, string> = { a: "Google", b: "Corp", c: "Okta" };
  const subs = [...Object.keys(by), "d"];
  await seedPeople(ledger, migration, { imported: subs.map((sub) => person(sub)) });
  await ledger.write(async (tx) => {
    await tx.updateTable("source_users").set({ native: 0 }).execute();
    const identities = Object.entries(by).map(([sub, provider]) => ({ sub, provider, user_id: sub }));
    await tx
      .insertInto("identities")
      .values(identities.map((one) => ({ migration_id: migration.id, ...one })))
      .execute();
  });
  await seedSetUp(ledger, migration, {
    providers: Object.values(by).map((name) => providerOf(name)),
    checks: [
      checkOf("Google", { state: "verified" }),
      checkOf("Corp", { state: "skipped", reason: "old" }),
      checkOf("Okta"),
    ],
  });
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  const page = readFileSync(join(folder, "report.html"), "utf8");
  const counted = (who: string) => new RegExp(`${who}[^]*?<td[^>]*>(\\d+)`).exec(page)?.[1];
  expect(counted("with their identity provider")).toBe("1");
  expect(counted("by e-mail: their identity provider does not come along")).toBe("1");
  expect(counted("not yet: their identity provider is not set up")).toBe("1");
  expect(counted("with an identity provider that is not known here")).toBe("1");
});

test("the headline does not say of people who failed that they were written, nor of a plan that it mails nobody", async () => {
  const ledger = await (await freshSqlite()).open();
  const migration = await ownedMigration(ledger);
  await seedPeople(ledger, migration, { imported: [person("a")], open: [person("b")] });
  await ledger.write((tx) =>
    tx.updateTable("work_items").set({ state: "failed", code: "invalid" }).where("key", "=", "b").execute(),
  );
  const walk = { migration_id: migration.id, generation: migration.generation, fence: 1, position: null };
  await ledger.write((tx) =>
    tx
      .insertInto("cursors")
      .values({ ...walk, name: "verify:ended", done: 1, counters: "{}" })
      .execute(),
  );
  const page = async (given = migration) => {
    const folder = join(freshFolder(), "report");
    await writeReport(ledger, given, folder);
    return readFileSync(join(folder, "report.html"), "utf8");
  };
  const written = await page();
  expect(written).toContain("The destination holds everything that was written, as it was written.");
  expect(written).toContain("Not written: 1 person that failed; failures.csv tells why.");
  expect(written).not.toContain("Everything was written");
  const mails = /<dt>mails<\/dt>|>\s*mails\s*</;
  expect(written).toMatch(mails);
  const planned = await page({ ...migration, file: { ...migration.file, dryRun: true } });
  expect(planned).not.toMatch(mails);
});
