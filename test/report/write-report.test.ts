import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { finding } from "../../src/domain/findings.ts";
import type { PlannedObject } from "../../src/domain/records.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { noteDifferences } from "../../src/ledger/differences.ts";
import { replaceFindings } from "../../src/ledger/findings.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import type { MigrationRow } from "../../src/ledger/runs.ts";
import { runOf } from "../../src/ledger/runs.ts";
import { VERIFICATION } from "../../src/ledger/verification.ts";
import { REPORT_FILES } from "../../src/report/file-names.ts";
import { writeReport, writeUndoReport } from "../../src/report/write-report.ts";
import { freshSqlite, testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { type Item, ownedMigration, POOL_ID, person, seedItems, seedPeople } from "./pools.ts";
import { checkOf, clientOf, providerOf, seedSetUp, shapeOf } from "./set-ups.ts";

/** Stands in everything that is about one person. */
const MARK = "MARKED";

async function seedAll(ledger: Ledger): Promise<MigrationRow> {
  const migration = await ownedMigration(ledger, {
    clients: { b: { skip: "retired" } },
    passwordResets: { send: true, unverified: "skip" },
  });
  const { id, generation } = migration;
  await seedPeople(ledger, migration, {
    imported: [
      person("a", { phone_number: MARK, given_name: MARK }),
      person("b", { address: MARK, email_verified: "false" }),
    ],
    merged: [[person("c", { email: "a@example.com", phone_number: MARK }), "a"]],
  });
  await seedSetUp(ledger, migration, {
    shape: shapeOf({ mfa: "ON", triggers: ["PreSignUp"], domain: "acme" }),
    providers: [providerOf("Google")],
    clients: [clientOf("a"), clientOf("b")],
    checks: [checkOf("Google", { fault: "not_configured" })],
    applications: ["a"],
    groups: [{ name: "staff", description: MARK, precedence: 1 }],
  });
  const seedObjects = async (
    phase: "credentials" | "structure",
    kinds: [PlannedObject["kind"], Omit<Item, "key" | "kind">][],
  ) => {
    const items = kinds.map(([kind, item], index) => ({ kind, key: `${phase}${index}`, ...item }));
    const objects = items.map(({ kind, key }) => ({ kind, key, data: {} }));
    await ledger.write((tx) => writePlannedObjects(tx, runOf(migration), phase, objects));
    await seedItems(ledger, migration, phase, items);
  };
  await seedObjects("credentials", [
    ["organization", { destinationId: "org_1" }],
    ["redirect_uri", { destinationId: "uri_1" }],
    ["application", { destinationId: "conn_app_1" }],
  ]);
  await seedObjects("structure", [
    ["organization", { state: "pending" }],
    ["role", { state: "failed", code: "slug_taken" }],
    ["role", { destinationId: "role" }],
  ]);
  const membership = { kind: "membership" as const, key: "a acme" };
  const data = { sub: "a", organization: "acme", roles: [] };
  await ledger.write((tx) =>
    writePlannedObjects(tx, runOf(migration), "memberships", [{ ...membership, data }]),
  );
  await seedItems(ledger, migration, "memberships", [{ ...membership, destinationId: "om_1" }]);
  await seedItems(ledger, migration, "resets", [{ key: "a", state: "skipped", code: "unsettled" }]);
  await ledger.write((tx) =>
    tx.updateTable("work_items").set({ message: MARK }).where("migration_id", "=", id).execute(),
  );
  await ledger.write((tx) =>
    replaceFindings(tx, id, generation, "plan", [
      { ...finding("identities_broken", { count: 1 }), what: MARK, advice: null },
    ]),
  );
  return migration;
}

testOnBoth("the summary counts what was moved and what was not", async ({ open }) => {
  const ledger = await open();
  const migration = await seedAll(ledger);
  const folder = join(freshFolder(), "report");
  const summary = await writeReport(ledger, migration, folder);
  expect(summary).toMatchObject({
    snapshot: "not_begun",
    listed: 3,
    byOutcome: { imported: 2, merged: 1 },
    attributesLeftBehind: [
      { attribute: "phone_number", why: "not_mapped", users: 2 },
      { attribute: "address", why: "not_mapped", users: 1 },
    ],
    memberships: { done: 1, failed: 0, skipped: 0, pending: 0 },
    organizations: { done: 1, failed: 0, skipped: 0, pending: 1 },
    roles: { done: 1, failed: 1, skipped: 0, pending: 0 },
    applications: { done: 1, failed: 0, skipped: 0, pending: 0 },
    resets: { mailed: 0, unsettled: 1, failed: 0, open: 0, notMailed: [{ reason: "unverified", people: 1 }] },
    providers: [
      {
        name: "Google",
        type: "Google",
        state: "missing",
        fault: "not_configured",
        reason: null,
        sinceEarlierRun: false,
      },
    ],
  });
  expect(JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"))).toEqual({
    $schema: "summary.schema.json",
    ...summary,
  });
});

testOnBoth("the summary says in a word what verify came to, once it has ended", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger);
  const run = runOf(migration);
  const summarized = async () => (await writeReport(ledger, migration, join(freshFolder(), "report"))).result;
  expect(await summarized()).toBe("unfinished");
  const id = { ...run, name: VERIFICATION };
  const cursor = await takeCursor(ledger, id, 1);
  await ledger.write((tx) => moveCursor(tx, id, 1, { ...cursor, done: true }));
  expect(await summarized()).toBe("verified");
  const missing = { kind: "role" as const, key: "editor", difference: "missing" as const, field: "" };
  await ledger.write((tx) => noteDifferences(tx, run, [missing]));
  expect(await summarized()).toBe("differs");
});

testOnBoth(
  "the summary counts the memberships that memberships.csv lists, planned ones too",
  async ({ open }) => {
    const ledger = await open();
    const migration = await ownedMigration(ledger);
    const objects = ["a", "b"].map((sub) => ({
      kind: "membership" as const,
      key: `${sub} acme`,
      data: { sub, organization: "acme", roles: [] },
    }));
    await ledger.write((tx) => writePlannedObjects(tx, runOf(migration), "memberships", objects));
    const summarized = async (of: MigrationRow) =>
      (await writeReport(ledger, of, join(freshFolder(), "report"))).memberships;
    expect(await summarized(migration)).toEqual({ pending: 2, done: 0, failed: 0, skipped: 0 });
    // Those that the newest plan would not make are listed, and not counted.
    expect(await summarized({ ...migration, generation: 2 })).toMatchObject({ pending: 0, done: 0 });
  },
);

test("every file is there, whole and for its owner alone", async () => {
  const ledger = await freshSqlite().open();
  const migration = await seedAll(ledger);
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  expect(readdirSync(folder).sort()).toEqual([...REPORT_FILES].sort());
  for (const name of REPORT_FILES) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test("neither what a killed process left in the folder nor one at work there is in the way", async () => {
  const ledger = await freshSqlite().open();
  const migration = await seedAll(ledger);
  const folder = freshFolder();
  // As one of an earlier version did whose number this process has.
  writeFileSync(join(folder, `.users.csv.${process.pid}`), "sub\n");
  await Promise.all([1, 2].map(() => writeReport(ledger, migration, folder, true)));
  expect(readdirSync(folder)).toEqual(expect.arrayContaining([...REPORT_FILES]));
});

/** What a finding says stands in the last two: it names people by sub alone. */
const WITH_WORDS: readonly string[] = ["attributes.jsonl", "summary.json", "report.html"];

test("nothing of a person stands where the work is handed over", async () => {
  const ledger = await freshSqlite().open();
  const migration = await seedAll(ledger);
  const folder = join(freshFolder(), "report");
  await writeReport(ledger, migration, folder);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  expect(read("attributes.jsonl")).toContain(MARK);
  const bare = REPORT_FILES.filter((name) => !WITH_WORDS.includes(name));
  for (const name of bare) {
    expect(read(name)).not.toContain(MARK);
    expect(read(name)).not.toContain("@");
    // The id that the destination gives a secret.
    expect(read(name)).not.toContain("secret_a");
  }
});

test("an earlier report of the same is written anew; one that tells what no other can is left alone", async () => {
  const ledger = await freshSqlite().open();
  const migration = await seedAll(ledger);
  const folder = freshFolder();
  await writeReport(ledger, migration, folder);
  await writeReport(ledger, migration, folder);
  const refused = /holds something else/;
  const purge = { purgedAtMs: Date.now(), isIdMapGone: false, isReadAnew: true };
  for (const other of [
    { ...migration, environment: "client_other" },
    { ...migration, file: { ...migration.file, dryRun: true } },
    { ...migration, purge },
  ])
    await expect(writeReport(ledger, other, folder)).rejects.toThrow(refused);
  const undone = { ...migration, undo: { signedInSince: "keep", confirm: POOL_ID } } as MigrationRow;
  await expect(writeUndoReport(ledger, undone, folder)).rejects.toThrow(refused);
  writeFileSync(join(folder, "notes.txt"), "mine");
  await expect(writeReport(ledger, migration, folder)).rejects.toThrow(refused);
});

test("a report that breaks off leaves nothing behind", async () => {
  const ledger = await freshSqlite().open();
  const migration = await seedAll(ledger);
  const folder = freshFolder();
  // Read after the people's files were written.
  await ledger.write((tx) => tx.schema.dropTable("planned_objects").execute());
  await expect(writeReport(ledger, migration, folder)).rejects.toThrow(/planned_objects/);
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder that holds something is left alone, unless it is told otherwise", async () => {
  const ledger = await freshSqlite().open();
  const migration = await seedAll(ledger);
  const folder = freshFolder();
  writeFileSync(join(folder, "users.csv"), "mine");
  await expect(writeReport(ledger, migration, folder)).rejects.toThrow(/holds something else/);
  expect(readFileSync(join(folder, "users.csv"), "utf8")).toBe("mine");
  await writeReport(ledger, migration, folder, true);
  expect(readFileSync(join(folder, "users.csv"), "utf8")).toMatch(/^cognito_sub,/);
});
