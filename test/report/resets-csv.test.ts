import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { resetStatesOf } from "../../src/ledger/campaign.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteProven } from "../../src/ledger/proofs.ts";
import { type MigrationRow, runOf } from "../../src/ledger/runs.ts";
import { writeResetsCsv } from "../../src/report/resets-csv.ts";
import { freshSqlite, testOnBoth } from "../ledger/ledgers.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { type Item, ownedMigration, person, seedItems, seedPeople } from "./pools.ts";

const SEND: Partial<MigrationFile> = { passwordResets: { send: true, unverified: "skip" } };

async function written(ledger: Ledger, migration: Pick<MigrationRow, "id" | "generation" | "file">) {
  const path = join(freshFolder(), "resets.csv");
  const counts = await writeResetsCsv(path, ledger, migration);
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  return { path, header, lines, counts };
}

/** When an item was settled differs from run to run. */
function withoutTime(line: string): string {
  return line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "TIME");
}

const MAILS: Item[] = [
  { key: "a", destinationId: "password_reset_1" },
  { key: "b", state: "skipped", code: "unsettled" },
  { key: "c", state: "failed", code: "user_missing" },
  { key: "d", state: "pending" },
  { key: "e", state: "skipped", code: "user_not_imported" },
];

testOnBoth("each imported person tells how their reset mail ended", async ({ open }) => {
  const ledger = await open();
  const migration = await ownedMigration(ledger, SEND);
  await seedPeople(ledger, migration, {
    imported: [
      ...["a", "b", "c", "d", "e", "f"].map((sub) => person(sub)),
      person("g", { email_verified: "false" }),
      { ...person("h"), status: "EXTERNAL_PROVIDER" },
      { ...person("i"), enabled: false },
      person("j"),
      person("m"),
    ],
    skipped: [person("k")],
    open: [person("l")],
  });
  await seedItems(ledger, migration, "resets", MAILS);
  await ledger.write((tx) =>
    tx
      .insertInto("bridge_moves")
      .values({
        migration_id: migration.id,
        sub: "j",
        begun_at_ms: 1,
        moved_at_ms: 2,
      })
      .execute(),
  );
  await ledger.write((tx) => noteProven(tx, migration.id, "m"));
  const { header, lines, counts } = await written(ledger, migration);
  const one = async (sub: string) =>
    (await ledger.read((db) => resetStatesOf(db, runOf(migration), [sub]))).get(sub);
  expect(await one("j")).toMatchObject({ sub: "j", moved: true, mail: null });
  expect(await one("c")).toMatchObject({ sub: "c", moved: false, state: "failed", code: "user_missing" });
  expect(await one("k")).toBeUndefined();
  expect(header).toBe("cognito_sub,destination_user_id,outcome,reason,reset_id,at,mode");
  expect(lines.map(withoutTime)).toEqual([
    "a,user_a,mailed,,password_reset_1,TIME,run",
    "b,user_b,unsettled,unsettled,,TIME,run",
    "c,user_c,failed,user_missing,,TIME,run",
    "d,user_d,open,,,,run",
    "e,user_e,not_mailed,user_not_imported,,TIME,run",
    "f,user_f,open,,,,run",
    "g,user_g,not_mailed,unverified,,,run",
    "h,user_h,not_mailed,federated,,,run",
    "i,user_i,not_mailed,disabled,,,run",
    "j,user_j,not_mailed,moved_by_bridge,,,run",
    "m,user_m,not_mailed,proven_by_bridge,,,run",
  ]);
  expect(counts).toEqual({
    mailed: 1,
    unsettled: 1,
    failed: 1,
    open: 2,
    notMailed: [
      "disabled",
      "federated",
      "moved_by_bridge",
      "proven_by_bridge",
      "unverified",
      "user_not_imported",
    ].map((reason) => ({ reason, people: 1 })),
  });
});

testOnBoth(
  "whoever has a password and was merged into an account without one is listed with that reason",
  async ({ open }) => {
    const ledger = await open();
    const migration = await ownedMigration(ledger, SEND);
    await seedPeople(ledger, migration, {
      imported: [{ ...person("f"), status: "EXTERNAL_PROVIDER" }, person("n")],
      merged: [
        [person("a"), "f"],
        [person("b"), "n"],
        [{ ...person("c"), status: "EXTERNAL_PROVIDER" }, "f"],
        [person("d", { email_verified: "false" }), "f"],
      ],
    });
    const { lines, counts } = await written(ledger, migration);
    expect(lines).toEqual([
      "a,user_f,not_mailed,merged_into_federated,,,run",
      "d,user_f,not_mailed,unverified,,,run",
      "f,user_f,not_mailed,federated,,,run",
      "n,user_n,open,,,,run",
    ]);
    expect(counts.notMailed).toContainEqual({ reason: "merged_into_federated", people: 1 });
  },
);

test("a file that sends none lists only those with whom an earlier run had to do", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger);
  await seedPeople(ledger, migration, { imported: [person("a"), person("b")] });
  expect((await written(ledger, migration)).lines).toEqual([]);
  await seedItems(ledger, migration, "resets", [{ key: "b", destinationId: "password_reset_1" }]);
  const { lines, counts } = await written(ledger, migration);
  expect(lines.map(withoutTime)).toEqual(["b,user_b,mailed,,password_reset_1,TIME,run"]);
  expect(counts).toMatchObject({ mailed: 1, open: 0, notMailed: [] });
});

test("everyone is listed once, over several slices, for the owner's eyes only", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger, SEND);
  const subs = Array.from({ length: 2_100 }, (_, index) => `s${String(index).padStart(5, "0")}`);
  await seedPeople(ledger, migration, {
    imported: subs.map((sub, index) => person(sub, index % 3 === 0 ? { email_verified: "false" } : {})),
  });
  const { path, lines, counts } = await written(ledger, migration);
  expect(lines.map((line) => line.split(",")[0])).toEqual(subs);
  expect(counts).toMatchObject({ open: 1_400, notMailed: [{ reason: "unverified", people: 700 }] });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("people of another migration stay out", async () => {
  const ledger = await freshSqlite().open();
  const migration = await ownedMigration(ledger, SEND);
  await seedPeople(ledger, migration, { imported: [person("a")] });
  expect((await written(ledger, { ...migration, id: migration.id + 1 })).lines).toEqual([]);
});
