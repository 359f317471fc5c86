import { expect, onTestFinished, test } from "vitest";
import { beginMove, noteAccount, noteMoved } from "../../src/ledger/bridge.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import { noteDifferences } from "../../src/ledger/differences.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { noteDoubts, noteRemoved, noteStanding } from "../../src/ledger/placed.ts";
import { indexClusters, writeDecisions } from "../../src/ledger/plan.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { noteProven } from "../../src/ledger/proofs.ts";
import { type MigrationRow, runOf } from "../../src/ledger/runs.ts";
import { addGroupMembers } from "../../src/ledger/source-users.ts";
import { takeBack } from "../../src/ledger/taken-back.ts";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";
import { ownedMigration, person, seedItems, seedPeople } from "../report/pools.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";
import { asUndone } from "./undecided-rig.ts";

/** One person's story, by sub, by address and by what the destination calls their account. */

const CREATED_MS = Date.parse("2021-03-04T10:00:00Z");
const CHANGED_MS = Date.parse("2024-01-02T00:00:00Z");
const aged = (sub: string, attributes: Record<string, string> = {}) => ({
  ...person(sub, attributes),
  createdAtMs: CREATED_MS,
  modifiedAtMs: CHANGED_MS,
});

interface Seeded {
  folder: string;
  url: string;
  ledger: Ledger;
  migration: MigrationRow;
}

/** `a` with everything that can be told of somebody, and others beside. */
async function seededStory(url: string): Promise<Seeded> {
  const ledger = await openLedger(url);
  onTestFinished(() => ledger.close());
  const migration = await ownedMigration(ledger, {
    passwordResets: { send: true, unverified: "skip" },
    users: { decisions: { a: "import" } },
  });
  const run = runOf(migration);
  const identities = [{ provider: "Google", userId: "1" }];
  await seedPeople(ledger, migration, {
    imported: [{ ...aged("a"), identities }, aged("back")],
    merged: [[aged("b", { email: "a@example.com" }), "a"]],
    skipped: [{ ...aged("d"), enabled: false }],
    open: [aged("o")],
  });
  await ledger.write(indexClusters);
  for (const group of ["editors", "admins"])
    await ledger.write((tx) => addGroupMembers(tx, run, group, ["a"]));
  await seedMemberships(ledger, migration);
  await ledger.change((db) => beginMove(db, migration.id, "a"));
  await ledger.change((db) => noteMoved(db, migration.id, "a"));
  await ledger.change((db) => noteProven(db, migration.id, "a"));
  await ledger.write((tx) =>
    noteDifferences(tx, run, [{ kind: "user", key: "a", difference: "differs", field: "first_name" }]),
  );
  await ledger.write((tx) => takeBack(tx, migration.id, [{ kind: "user", key: "back" }]));
  await endWalk(ledger, migration, true);
  return { folder: freshFolder(), url, ledger, migration };
}

async function seedMemberships(ledger: Ledger, migration: MigrationRow): Promise<void> {
  const objects = [
    { organization: "acme", roles: ["admin", "editor"] },
    { organization: "corp", roles: [] },
  ].map((one) => ({
    ...({ kind: "membership", key: `a ${one.organization}` } as const),
    data: { sub: "a", ...one },
  }));
  await ledger.write((tx) => writePlannedObjects(tx, runOf(migration), "memberships", objects));
  const kind = "membership" as const;
  await seedItems(ledger, migration, "memberships", [
    { kind, key: "a acme", destinationId: "om_1" },
    { kind, key: "a corp", state: "failed", code: "entity_not_found" },
  ]);
  await ledger.write((tx) =>
    tx
      .updateTable("work_items")
      .set({ message: "Not\u001b[31m found." })
      .where("state", "=", "failed")
      .execute(),
  );
}

async function endWalk(ledger: Ledger, migration: MigrationRow, done: boolean): Promise<void> {
  const snapshot = { ...runOf(migration), name: "snapshot" };
  await takeCursor(ledger, snapshot, 1);
  await ledger.write((tx) => moveCursor(tx, snapshot, 1, { position: null, done, counters: { users: 4 } }));
}

const onSqlite = async () => seededStory(`sqlite:${freshFolder()}/ledger.db`);
const lookup = ({ folder, url }: Seeded, ...words: string[]) =>
  runCli(["lookup", ...words], folder, {
    ...{ SPILLWAY_LEDGER: url, WORKOS_API_KEY: "sk_test_x", WORKOS_CLIENT_ID: "client_x" },
  });
const storyOf = async (seeded: Seeded, ...words: string[]) =>
  JSON.parse((await lookup(seeded, ...words, "--json")).stdout)[0];

const STORY = {
  ...{ sub: "a", listing: "listed", outcome: "imported", reason: null, destinationId: "user_a" },
  cognito: {
    ...{ username: null, status: "CONFIRMED", enabled: true, emailVerified: true, hasPassword: true },
    ...{ providers: ["Google"], groups: ["admins", "editors"], listedByRun: 1 },
    ...{ createdAt: "2021-03-04T10:00:00.000Z", changedAt: "2024-01-02T00:00:00.000Z" },
  },
  plan: { action: "create", reason: null, inFile: "import" },
  cluster: {
    size: 2,
    others: [{ sub: "b", outcome: "merged", reason: "merged_same_email", mergedInto: "a", enabled: true }],
  },
  account: { sub: "a", id: "user_a", state: "standing", how: "created", seenByRun: null },
  takenBack: null,
  memberships: [
    { organization: "acme", roles: ["admin", "editor"], outcome: "done", destinationId: "om_1" },
    { organization: "corp", roles: [], outcome: "failed", reason: "entity_not_found", destinationId: null },
  ],
  resetMail: { outcome: "not_mailed", reason: "moved_by_bridge" },
  bridge: { hasMadeAccount: false, movedAt: expect.any(String), provenAt: expect.any(String) },
  failures: [
    {
      what: "the membership of corp",
      state: "failed",
      code: "entity_not_found",
      message: "Not\u001b[31m found.",
    },
  ],
  differences: [{ kind: "user", difference: "differs", field: "first_name", whatToDo: expect.any(String) }],
};

test("a person's whole story is told to machines (SQLite)", async () => {
  expect(await storyOf(await onSqlite(), "a")).toMatchObject(STORY);
});

test("a person's whole story is told to machines (PostgreSQL)", async () => {
  const seeded = await seededStory(await freshPostgresDatabase());
  expect(await storyOf(seeded, "a")).toMatchObject(STORY);
  expect(await storyOf(seeded, "--destination-id", "user_a")).toMatchObject(STORY);
  expect(await storyOf(seeded, "--destination-id", "user_back")).toMatchObject({ sub: "back" });
});

test("people read it in sections, and nothing of it acts on their terminal", async () => {
  const { code, stdout } = await lookup(await onSqlite(), "a");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^sub +a\noutcome +imported\nwhat to do +What failed beside the account is tried again/,
  );
  expect(stdout).toMatch(
    /\n\nIn Cognito\nstatus +CONFIRMED, enabled, e-mail verified\nsigns in by +password\n +Google\n/,
  );
  expect(stdout).toMatch(/\ngroups +admins\n +editors\n/);
  expect(stdout).toMatch(/\n\nThe plan\ndecision +gets an account, or keeps it\nin the file +import\n/);
  expect(stdout).toMatch(
    /\ndecided with +1 other of the same address or identity\n +b\n +CONFIRMED, enabled, /,
  );
  expect(stdout).toMatch(
    /\norganizations +acme\n +admin, editor; done; om_1\n +corp\n +no role; failed: entity/,
  );
  expect(stdout).toMatch(/\n\nPasswords\nbridge +brought the password along at a sign-in\nmoved at +20/);
  expect(stdout).toMatch(
    /\nfailed +the membership of corp: entity_not_found, after 1 attempt\n +Not\\u001b\[31m found\.\n/,
  );
  expect(stdout).toMatch(/\ndiffers +the account holds another first_name than was written\n/);
  expect(stdout).not.toContain("@");
});

test("somebody merged is told with the account that stands for them", async () => {
  const seeded = await onSqlite();
  expect(await storyOf(seeded, "b")).toMatchObject({
    ...{ outcome: "merged", reason: "merged_same_email", mergedInto: "a", destinationId: "user_a" },
    account: { sub: "a", id: "user_a" },
    cluster: { size: 2, others: [{ sub: "a", outcome: "imported" }] },
  });
});

test("an account is found by what the destination calls it, also one that is gone", async () => {
  const seeded = await onSqlite();
  const { ledger, migration } = seeded;
  expect(await storyOf(seeded, "--destination-id", "user_a")).toMatchObject({ sub: "a" });
  expect(await storyOf(seeded, "--destination-id", "user_back")).toMatchObject({
    ...{ sub: "back", account: null },
    takenBack: { id: "user_back", at: expect.any(String) },
  });
  await ledger.write((tx) => noteRemoved(tx, migration.id, "user", "a"));
  expect(await storyOf(seeded, "--destination-id", "user_a")).toMatchObject({
    ...{ sub: "a", outcome: "skipped", reason: "removed_at_destination" },
    ...{ destinationId: "user_a", account: { state: "removed" } },
    next: [expect.stringContaining("`./spillway decide FILE`"), ...[expect.any(String), expect.any(String)]],
  });
  const unknown = await lookup(seeded, "--destination-id", "user_x");
  expect(unknown.stderr).toMatch(/^This migration knows no account user_x at the destination: .*\.\n$/);
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
});

test("somebody whom Cognito lists no more has a story as long as anything of them is known", async () => {
  const seeded = await onSqlite();
  const { ledger, migration } = seeded;
  const { id } = migration;
  const brought = { sub: "brought", email: "brought@example.com", destinationId: "user_brought" } as const;
  await ledger.write((tx) =>
    noteAccount(tx, migration, { ...brought, how: "created", fingerprint: null, firstClaimedAtMs: 1 }),
  );
  await ledger.change((db) =>
    db.updateTable("migrations").set({ generation: 2 }).where("id", "=", id).execute(),
  );
  await endWalk(ledger, { ...migration, generation: 2 }, true);
  expect(await storyOf(seeded, "a")).toMatchObject({
    ...{ listing: "not_listed", outcome: null, destinationId: "user_a", plan: null },
    cognito: { listedByRun: 1, groups: ["admins", "editors"] },
    next: expect.arrayContaining([expect.stringMatching(/lists them no more, .*`users\.deletedLater`/)]),
  });
  expect(await storyOf(seeded, "brought")).toMatchObject({
    ...{ listing: "not_listed", cognito: null, account: { id: "user_brought" } },
    bridge: { hasMadeAccount: true },
  });
  await endWalk(ledger, { ...migration, generation: 2 }, false);
  expect((await lookup(seeded, "a")).stdout).toMatch(
    /^sub +a\noutcome +not_read_yet\n +The newest run has not read/,
  );
});

test("after an undo it is told what was taken back, and nobody counts as deleted", async () => {
  const seeded = await onSqlite();
  await asUndone(seeded);
  expect(await storyOf(seeded, "back")).toMatchObject({
    ...{ listing: "undone", outcome: null, account: null, takenBack: { id: "user_back" }, next: [] },
  });
  expect((await lookup(seeded, "nobody")).stderr).toMatch(
    /^The newest run is an undo, .* nothing of nobody\.$/m,
  );
});

test("fields that are not as planned are named, and a doubt is", async () => {
  const seeded = await onSqlite();
  const { ledger, migration } = seeded;
  const fact = { kind: "user", key: "a", destinationId: "user_a", how: "adopted", details: null } as const;
  const written = fingerprintOf({ email: "a", firstName: "A" });
  const planned = fingerprintOf({ email: "a", firstName: "B" });
  const create = { sub: "a", action: "create", reason: null, mergeInto: null } as const;
  await ledger.write(async (tx) => {
    await noteStanding(tx, migration.id, [{ ...fact, fingerprint: written, firstClaimedAtMs: 1 }]);
    await writeDecisions(tx, runOf(migration), [{ ...create, fingerprint: planned }]);
    await noteDoubts(tx, migration.id, [{ kind: "user", key: "o", firstClaimedAtMs: 1 }]);
  });
  expect(await storyOf(seeded, "a")).toMatchObject({
    ...{ outcome: "imported", reason: "changed_after_import" },
    account: { how: "adopted", fields: { written: ["email", "firstName"], otherThanPlanned: ["firstName"] } },
  });
  expect((await lookup(seeded, "o")).stdout).toMatch(/\naccount +nobody knows whether it stands/);
});

test("whoever has a mail that waits for a person is told what to do", async () => {
  const url = `sqlite:${freshFolder()}/ledger.db`;
  const ledger = await openLedger(url);
  onTestFinished(() => ledger.close());
  const migration = await ownedMigration(ledger, { passwordResets: { send: true, unverified: "skip" } });
  await seedPeople(ledger, migration, {
    imported: [
      person("unheard"),
      { ...person("unfinished"), status: "UNCONFIRMED" },
      { ...person("federated"), status: "EXTERNAL_PROVIDER" },
    ],
  });
  await seedItems(ledger, migration, "resets", [{ key: "unheard", state: "skipped", code: "unsettled" }]);
  const seeded = { folder: freshFolder(), url, ledger, migration };
  const asked = 'Ask them whether it came. If not, they use "forgot password", which mails them another one.';
  expect(await storyOf(seeded, "unheard")).toMatchObject({ outcome: "imported", next: [asked] });
  expect((await lookup(seeded, "unheard")).stdout).not.toMatch(/what to do +nothing/);
  expect(await storyOf(seeded, "unfinished")).toMatchObject({
    resetMail: { reason: "not_confirmed" },
    next: [expect.stringMatching(/^Have them finish the sign-up/)],
  });
  expect(await storyOf(seeded, "federated")).toMatchObject({ resetMail: { reason: "federated" }, next: [] });
});

test("who is not known is told in one sentence", async () => {
  const seeded = await onSqlite();
  const { code, stdout, stderr } = await lookup(seeded, "nobody");
  expect({ code, stdout, stderr }).toEqual({
    ...{ code: 1, stdout: "" },
    stderr: "The newest snapshot of the pool does not list nobody.\n",
  });
});

test("every reason that waits for a person leads to the command that asks", async () => {
  const seeded = await onSqlite();
  const skip = { sub: "d", action: "skip", mergeInto: null, fingerprint: null } as const;
  await seeded.ledger.write((tx) =>
    writeDecisions(tx, runOf(seeded.migration), [{ ...skip, reason: "decision_disabled_member" }]),
  );
  expect(await storyOf(seeded, "d")).toMatchObject({
    next: ["`./spillway decide FILE` shows them and asks; then start again."],
  });
});
