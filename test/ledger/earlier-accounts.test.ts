import { expect } from "vitest";
import { noteAccount } from "../../src/ledger/bridge.ts";
import { earlierAccounts } from "../../src/ledger/earlier-accounts.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { outcomesAfter, outcomesOf } from "../../src/ledger/outcomes.ts";
import { noteRemoved, noteStanding } from "../../src/ledger/placed.ts";
import { indexClusters, writeDecisions } from "../../src/ledger/plan.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { setClusterKey } from "../../src/ledger/source-users.ts";
import { fingerprintOf } from "../../src/plan/fingerprint.ts";
import { endedAs, sourceUser, testOnBoth, upsertPages } from "./ledgers.ts";

const user = (sub: string, email: string) =>
  sourceUser(sub, { attributes: { email, email_verified: "true" } });

async function stands(ledger: Ledger, fingerprint: string, ...subs: string[]) {
  const facts = subs.map((key) => ({
    kind: "user" as const,
    key,
    destinationId: `user_${key}`,
    how: "created" as const,
    fingerprint,
    details: null,
    firstClaimedAtMs: 1,
  }));
  await ledger.write((tx) => noteStanding(tx, 1, facts));
}

testOnBoth(
  "only accounts that stand or were removed, and whose people are gone, are earlier ones",
  async ({ open }) => {
    const ledger = await open();
    await upsertPages(ledger, 1, [
      [user("old", "a@x.io"), user("never", "b@x.io"), user("removed", "c@x.io"), user("still", "d@x.io")],
    ]);
    await stands(ledger, "f", "old", "removed", "still");
    await ledger.write((tx) => noteRemoved(tx, 1, "user", "removed"));
    const again = [user("new", "A@x.io"), user("e", "b@x.io"), user("f", "c@x.io"), user("still", "d@x.io")];
    await upsertPages(ledger, 2, [again]);
    const keys = ["a@x.io", "b@x.io", "c@x.io", "d@x.io", "sub:old"];
    expect(await ledger.read((db) => earlierAccounts(db, 1, 2, keys))).toEqual(
      new Map([
        ["a@x.io", [{ sub: "old", email: "a@x.io", removed: false }]],
        ["c@x.io", [{ sub: "removed", email: "c@x.io", removed: true }]],
      ]),
    );
    expect(await ledger.read((db) => earlierAccounts(db, 1, 1, keys))).toEqual(new Map());
    expect(await ledger.read((db) => earlierAccounts(db, 2, 2, keys))).toEqual(new Map());
  },
);

testOnBoth(
  "an address that somebody took after the import, unverified, is no earlier account's",
  async ({ open }) => {
    const ledger = await open();
    const taken = (sub: string, email: string, verified: string) =>
      sourceUser(sub, { attributes: { email, email_verified: verified } });
    const people = [
      taken("taker", "a@x.io", "false"),
      taken("mover", "b@x.io", "true"),
      taken("first", "c@x.io", "false"),
      taken("gone", "a@x.io", "false"),
    ];
    await upsertPages(ledger, 1, [people]);
    await stands(ledger, fingerprintOf({ email: "old@x.io" }), "taker", "mover", "gone");
    await ledger.write((tx) => noteRemoved(tx, 1, "user", "gone"));
    await stands(ledger, fingerprintOf({ email: "c@x.io" }), "first");
    const earlier = await ledger.read((db) => earlierAccounts(db, 1, 2, ["a@x.io", "b@x.io", "c@x.io"]));
    expect([...earlier.keys()]).toEqual(["c@x.io", "b@x.io"]);
  },
);

testOnBoth(
  "a link that somebody had hides them not from whoever has their address later",
  async ({ open }) => {
    const ledger = await open();
    await upsertPages(ledger, 1, [[user("first", "a@x.io"), user("linked", "b@x.io")]]);
    await stands(ledger, "f", "first", "linked");
    await ledger.write(async (tx) => {
      await indexClusters(tx);
      await setClusterKey(tx, 1, ["first", "linked"], "a@x.io");
    });
    await upsertPages(ledger, 2, [[user("first", "a@x.io"), user("again", "b@x.io")]]);
    const earlier = await ledger.read((db) => earlierAccounts(db, 1, 2, ["a@x.io", "b@x.io"]));
    expect(earlier).toEqual(new Map([["b@x.io", [expect.objectContaining({ sub: "linked" })]]]));
  },
);

testOnBoth("whom the bridge brought is an earlier one until a walk lists them", async ({ open }) => {
  const ledger = await open();
  const how = "created";
  const account = { destinationId: "user_old", how, fingerprint: null, firstClaimedAtMs: 1 } as const;
  const earlier = () => ledger.read((db) => earlierAccounts(db, 1, 1, ["a@x.io", "b@x.io"]));
  for (const email of ["b@x.io", "a@x.io"])
    await ledger.write((tx) => noteAccount(tx, { id: 1, generation: 1 }, { ...account, sub: "old", email }));
  expect(await earlier()).toEqual(new Map([["a@x.io", [{ sub: "old", email: "a@x.io", removed: false }]]]));
  await upsertPages(ledger, 1, [[user("old", "a@x.io")]]);
  expect(await earlier()).toEqual(new Map());
});

testOnBoth("whoever signed up again is told from the old sub", async ({ open }) => {
  const ledger = await open();
  const migration = { id: 1, generation: 2 };
  const run = { migrationId: 1, generation: 2 };
  await upsertPages(ledger, 1, [[user("old", "a@x.io")]]);
  await stands(ledger, "f", "old");
  await upsertPages(ledger, 2, [[user("new", "a@x.io"), user("other", "b@x.io")]]);
  const skip = { sub: "new", action: "skip", reason: "signed_up_again", mergeInto: null } as const;
  await ledger.write((tx) => writeDecisions(tx, run, [{ ...skip, fingerprint: null }]));
  const ended = { outcome: "skipped", reason: "signed_up_again", earlierSub: "old", destinationId: null };
  expect(await ledger.read((db) => outcomesOf(db, migration, ["new"]))).toMatchObject([ended]);

  // A person decided to import both, and the destination says no more than that the address is taken.
  const creates = ["new", "other"].map((sub) => ({
    sub,
    action: "create" as const,
    reason: null,
    mergeInto: null,
    fingerprint: "f",
  }));
  await ledger.write((tx) => writeDecisions(tx, run, creates));
  const items = ["new", "other"].map((key) => ({
    kind: "user" as const,
    key,
    intent: "create" as const,
    doubtSinceMs: null,
  }));
  await ledger.write((tx) => addItems(tx, run, "users", 0, items));
  const range = { ...run, phase: "users" as const, from: 1, to: 2 };
  const claimed = await ledger.write((tx) => claim(tx, range, 1, 2));
  const settlements = claimed.map((item) => endedAs(item, "skipped", "external_id_taken"));
  await ledger.write((tx) => settle(tx, range, 1, settlements));
  const [first, second] = await ledger.read((db) => outcomesAfter(db, migration, "", 10));
  expect(first).toMatchObject({ sub: "new", ...ended });
  expect(second).toMatchObject({ sub: "other", outcome: "skipped", reason: "external_id_taken" });
  expect(second).not.toHaveProperty("earlierSub");
});
