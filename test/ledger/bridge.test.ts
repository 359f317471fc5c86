import { expect } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import type { SourceUser } from "../../src/domain/pool.ts";
import {
  beginMove,
  endMove,
  movedAmong,
  movedPerDay,
  noteAccount,
  noteMoved,
} from "../../src/ledger/bridge.ts";
import { bridgeCluster, bridgeWitnesses } from "../../src/ledger/bridge-people.ts";
import { whyNoMail } from "../../src/ledger/campaign.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteAsked, settleAsked } from "../../src/ledger/mails.ts";
import { debit, setPace } from "../../src/ledger/pace.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { placedAmong } from "../../src/ledger/placed.ts";
import { noteProven, provenAmong } from "../../src/ledger/proofs.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { noteListed, ownMigration } from "../../src/ledger/runs.ts";
import { setClusterKey } from "../../src/ledger/source-users.ts";
import { takeBack } from "../../src/ledger/taken-back.ts";
import { MAX_CLUSTER } from "../../src/plan/decide.ts";
import { ownedRun } from "../activities/owned-run.ts";
import { migrationOf, parseFile } from "../domain/parse-file.ts";
import { seedItems, subOf, testOnBoth, upsertPages } from "./ledgers.ts";

const USER: SourceUser = {
  sub: "sub-a",
  username: "ada",
  attributes: { sub: "sub-a", email: "Ada@example.com", email_verified: "true" },
  status: "CONFIRMED",
  enabled: true,
  createdAtMs: 1,
  modifiedAtMs: 1,
  identities: [],
  identitiesBroken: false,
};
const POOL = "eu-west-1_AbCdEfGhI";
const MIGRATION = { id: 1, generation: 2 };
const account = (sub: string) => ({
  sub,
  email: `${sub}@example.com`,
  destinationId: `user_${sub}`,
  how: "created" as const,
  fingerprint: "f",
  firstClaimedAtMs: 1,
});

function fileFor(userPoolId: string): Migration {
  const parsed = parseFile({ source: { region: "eu-west-1", userPoolId }, destination: { kind: "workos" } });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value;
}

const clusterOf = async (ledger: Ledger) =>
  (await ledger.read((db) => bridgeCluster(db, MIGRATION, "ada@example.com"))).map(({ sub }) => sub);

testOnBoth("people whom a running snapshot has not come to are those of the one before", async ({ open }) => {
  const ledger = await open();
  await ownedRun(
    ledger,
    { poolId: POOL, destinationKind: "workos", environment: "e" },
    fileFor(POOL),
    "run-1",
  );
  await upsertPages(ledger, 1, [[USER]]);
  await upsertPages(ledger, 2, [[{ ...USER, sub: "sub-b" }]]);
  expect(await clusterOf(ledger)).toEqual(["sub-a", "sub-b"]);
  await ledger.write((tx) => noteListed(tx, { migrationId: 1, generation: 2 }));
  // A run that was stopped, and one whose snapshot is under way.
  await ledger.write((tx) => noteListed(tx, { migrationId: 1, generation: 1 }));
  expect(await clusterOf(ledger)).toEqual(["sub-b"]);
});

testOnBoth("whom a link took elsewhere is a witness at their own address", async ({ open }) => {
  const ledger = await open();
  const away = (index: number) => ({
    ...USER,
    sub: subOf(index),
    attributes: { email: "ada@example.com", email_verified: "false" },
  });
  const crowd = Array.from({ length: MAX_CLUSTER + 100 }, (_, index) => away(index));
  const other = { ...USER, sub: "other", attributes: { email: "other@example.com", email_verified: "true" } };
  await upsertPages(ledger, 2, [[USER, other, ...crowd]]);
  const link = (subs: string[]) => ledger.write((tx) => setClusterKey(tx, 1, subs, "other@example.com"));
  const witnesses = (key: string) =>
    ledger.read(async (db) => bridgeWitnesses(db, MIGRATION, await bridgeCluster(db, MIGRATION, key)));
  await link(["other", subOf(0)]);
  expect((await witnesses("ada@example.com")).map(({ sub }) => sub)).toEqual([subOf(0)]);
  expect(await witnesses("other@example.com")).toEqual([]);
  await link(["other", ...crowd.map(({ sub }) => sub)]);
  expect(await witnesses("ada@example.com")).toHaveLength(MAX_CLUSTER + 1);
});

testOnBoth("a crowd is read no further than shows that it is one", async ({ open }) => {
  const ledger = await open();
  const crowd = Array.from({ length: MAX_CLUSTER + 100 }, (_, index) => ({ ...USER, sub: subOf(index) }));
  await upsertPages(ledger, 2, [crowd]);
  expect(await clusterOf(ledger)).toHaveLength(MAX_CLUSTER + 1);
});

testOnBoth(
  "an import that waits for somebody is done with them once they have an account",
  async ({ open }) => {
    const ledger = await open();
    const range = await seedItems(ledger, 2, 1, 2);
    await ledger.write((tx) => noteAccount(tx, MIGRATION, account(subOf(1))));
    await ledger.write((tx) => claim(tx, range, 1, 10));
    await ledger.write((tx) => noteAccount(tx, MIGRATION, account(subOf(2))));
    await ledger.write((tx) => noteAccount(tx, MIGRATION, account("nobody")));
    const items = await ledger.read((db) =>
      db.selectFrom("work_items").select("state").orderBy("ordinal").execute(),
    );
    // Whoever sends it at this moment settles it.
    expect(items).toEqual([{ state: "done" }, { state: "sending" }]);
    const standing = await ledger.read((db) => placedAmong(db, 1, "user", [subOf(1), subOf(2), "nobody"]));
    expect([...standing.values()].map(({ destinationId }) => destinationId).sort()).toEqual([
      "user_nobody",
      `user_${subOf(1)}`,
      `user_${subOf(2)}`,
    ]);
    const counts = await ledger.read((db) => phaseCounts(db, { migrationId: 1, generation: 2 }, "users"));
    expect(counts).toEqual({ pending: 1, done: 1, failed: 0, skipped: 0 });
  },
);

testOnBoth("whoever has an account is moved only once the password stands there", async ({ open }) => {
  const ledger = await open();
  const move = () => ledger.read((db) => whyNoMail(db, 1, { sub: "sub-a", userId: "user_a" }));
  expect(await move()).toBeNull();
  await ledger.write((tx) => noteAccount(tx, MIGRATION, account("sub-a")));
  expect(await move()).toBeNull();
  await ledger.write((tx) => noteMoved(tx, 1, "sub-a"));
  await ledger.write((tx) => noteMoved(tx, 1, "sub-a"));
  expect(await move()).toBe("moved_by_bridge");
  const [today, ...others] = await movedPerDay(ledger, 1);
  expect(others).toEqual([]);
  expect(today?.people).toBe(1);
  expect(Math.abs((today?.day ?? 0) - Date.now() / 86_400_000)).toBeLessThan(2);
});

testOnBoth("whoever proved their password is mailed no more, and counts as no move", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => noteAccount(tx, MIGRATION, account("sub-a")));
  for (const _ of [1, 2]) await ledger.write((tx) => noteProven(tx, 1, "sub-a"));
  const proven = await ledger.read((db) => provenAmong(db, 1, ["sub-a", "sub-b"]));
  expect([...proven]).toEqual(["sub-a"]);
  const why = (sub: string) => ledger.read((db) => whyNoMail(db, 1, { sub, userId: "user_a" }));
  expect(await why("sub-a")).toBe("proven_by_bridge");
  expect(await why("sub-b")).toBeNull();
  expect(await movedPerDay(ledger, 1)).toEqual([]);
});

testOnBoth(
  "a password that went with its account keeps nobody from a mail about the next one",
  async ({ open }) => {
    const ledger = await open();
    const why = () => ledger.read((db) => whyNoMail(db, 1, { sub: "sub-a", userId: "user_a" }));
    await ledger.write((tx) => noteAccount(tx, MIGRATION, account("sub-a")));
    await ledger.write((tx) => noteMoved(tx, 1, "sub-a"));
    await ledger.write((tx) => noteMoved(tx, 1, "sub-b"));
    await ledger.write((tx) => noteProven(tx, 1, "sub-a"));
    await ledger.write((tx) => takeBack(tx, 1, [{ kind: "membership", key: "sub-b x" }]));
    expect(await why()).toBe("moved_by_bridge");
    await ledger.write((tx) => takeBack(tx, 1, [{ kind: "user", key: "sub-a" }]));
    expect(await why()).toBeNull();
    expect(await ledger.read((db) => movedAmong(db, 1, ["sub-a", "sub-b"]))).toEqual(new Set(["sub-b"]));
  },
);

testOnBoth("a move that is begun is one until each of its tries has ended", async ({ open }) => {
  const ledger = await open();
  const move = () => ledger.read((db) => whyNoMail(db, 1, { sub: "sub-a", userId: "user_a" }));
  const begin = () => ledger.write((tx) => beginMove(tx, 1, "sub-a"));
  const end = () => ledger.write((tx) => endMove(tx, 1, "sub-a"));
  const file = migrationOf({
    source: { region: "eu-west-1", userPoolId: "eu-west-1_Moves" },
    destination: { kind: "workos" },
  });
  const identity = { poolId: "eu-west-1_Moves", destinationKind: "workos", environment: "client_01" };
  const owner = { namespace: "default", workflowId: "w", firstRunId: "run-1" };
  await ledger.write((tx) => ownMigration(tx, identity, file, owner, undefined));
  await ledger.write((tx) => noteAccount(tx, MIGRATION, account("sub-a")));
  expect(await begin()).toBe(true);
  await begin();
  expect(await move()).toBe("move_under_way");
  await end();
  expect(await move()).toBe("move_under_way");
  // The second one is of a clock that was set back since.
  for (const begun_at_ms of [1, Date.now() + 3_600_000]) {
    await ledger.write((tx) => tx.updateTable("bridge_moves").set({ begun_at_ms }).execute());
    expect(await move()).toBe("password_in_doubt");
  }
  await end();
  expect(await move()).toBeNull();
  await begin();
  await ledger.write((tx) => noteMoved(tx, 1, "sub-a"));
  expect(await move()).toBe("moved_by_bridge");
  await ledger.write((tx) => tx.updateTable("migrations").set({ undo: "{}" }).execute());
  expect(await begin()).toBe(false);
});

testOnBoth("whoever asked is mailed by the campaign where none of their mails went out", async ({ open }) => {
  const ledger = await open();
  const why = () => ledger.read((db) => whyNoMail(db, 1, { sub: "sub-a", userId: "user_a" }));
  const ask = () => ledger.changeSoon((db) => noteAsked(db, 1, "sub-a"));
  const settle = (isOut: boolean) =>
    ledger.writeSoon((tx) =>
      settleAsked(tx, 1, { sub: "sub-a", tookMs: 10_000, callTimeoutMs: 10_000 }, { isOut, link: null }),
    );
  for (let time = 0; time < 2; time += 1) await ask();
  expect(await why()).toBe("ask_under_way");
  await settle(false);
  expect(await why()).toBe("ask_under_way");
  await settle(false);
  expect(await why()).toBeNull();
  for (let time = 0; time < 2; time += 1) await ask();
  await settle(true);
  // Whatever becomes of the other one.
  expect(await why()).toBe("asked_already");
  await settle(false);
  expect(await why()).toBe("asked_already");
});

testOnBoth("a mail that a dead bridge left open may be out", async ({ open }) => {
  const ledger = await open();
  const why = () => ledger.read((db) => whyNoMail(db, 1, { sub: "sub-a", userId: "user_a" }));
  await ledger.changeSoon((db) => noteAsked(db, 1, "sub-a"));
  await ledger.write((tx) => tx.updateTable("mails").set({ claimed_at_ms: 1 }).execute());
  expect(await why()).toBe("asked_already");
  // It stays so while another one is under way.
  await ledger.changeSoon((db) => noteAsked(db, 1, "sub-a"));
  expect(await why()).toBe("asked_already");
});

testOnBoth(
  "calls without a slot are owed by the next ones, ten seconds' worth at the most",
  async ({ open }) => {
    const ledger = await open();
    await ledger.write((tx) => setPace(tx, "writes", 10));
    const owed = async () => {
      const row = await ledger.read((db) => db.selectFrom("pace").select("owed").executeTakeFirstOrThrow());
      return row.owed;
    };
    await ledger.changeSoon((db) => debit(db, "writes", 20));
    expect(await owed()).toBe(20);
    await ledger.changeSoon((db) => debit(db, "writes", 10_000));
    expect(await owed()).toBe(100);
    await ledger.changeSoon((db) => debit(db, "nothing", 1));
  },
);
