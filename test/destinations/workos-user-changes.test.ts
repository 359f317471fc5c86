import { expect, test } from "vitest";
import type { UserRecord } from "../../src/domain/records.ts";
import { changedFields } from "../../src/plan/fingerprint.ts";
import { recordFingerprint } from "../../src/plan/record.ts";
import type { UserChange } from "../../src/plan/user-change.ts";
import { LONG_AGO, type Setup, setUp, type Tries } from "./workos-setup.ts";

/** Changes and removals of accounts that stand. */

const KEY = "item";
const BEFORE: UserRecord = {
  externalId: KEY,
  email: "ada@example.com",
  emailVerified: true,
  firstName: "Ada",
  lastName: "Lovelace",
  metadata: { plan: "free", seat: "1" },
};
const AFTER: UserRecord = { ...BEFORE, firstName: "Augusta", lastName: null, metadata: { plan: "paid" } };

/** An account that stands as it was made. */
async function standing(setup: Setup) {
  const { emailVerified, firstName, lastName, ...same } = BEFORE;
  const outcome = await setup.importOne({ record: { ...same, emailVerified, firstName, lastName } });
  if (outcome.kind !== "created") throw new Error("Nothing was made.");
  setup.verbs.length = 0;
  return outcome.destinationId;
}

function update(
  setup: Setup,
  destinationId: string,
  change: Partial<UserChange> = {},
  tries: Partial<Tries> = {},
) {
  const { updates } = setup.workos.users;
  if (updates === undefined) throw new Error("WorkOS changes accounts.");
  const fields = changedFields(recordFingerprint(BEFORE), recordFingerprint(AFTER));
  const given: UserChange = {
    ...{ destinationId, user: AFTER, written: recordFingerprint(BEFORE), fields },
    ...{ changedThere: "keep", ourChangeMs: null },
    ...change,
  };
  return setup.send(updates, given, tries);
}

function remove(
  setup: Setup,
  destinationId: string | null,
  tries: Partial<Tries> = {},
  whyKept: string | null = null,
) {
  const { removals } = setup.workos.users;
  if (removals === undefined) throw new Error("WorkOS deletes accounts.");
  return setup.send(removals, { destinationId, whyKept: async () => whyKept }, tries);
}

test("writes what changed, and takes out what is there no more", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  const outcome = await update(setup, id);
  expect(outcome).toMatchObject({ kind: "updated", destinationId: id, kept: [] });
  expect(outcome).toMatchObject({ fingerprint: recordFingerprint(AFTER) });
  expect(setup.double.state().users).toMatchObject([
    {
      email: BEFORE.email,
      email_verified: true,
      first_name: "Augusta",
      last_name: "",
      metadata: { plan: "paid" },
    },
  ]);
  expect(setup.verbs).toEqual(["read", "write"]);
  // An empty name is none.
  expect(await update(setup, id)).toMatchObject({ kind: "updated", kept: [] });
  expect(setup.calls().filter((call) => call.startsWith("updateUser"))).toHaveLength(1);
});

test("a change whose answer was lost is seen at the next look, and not made again", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  setup.double.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "reset_after_effect" },
  });
  expect(await update(setup, id)).toMatchObject({ kind: "unknown" });
  expect(await update(setup, id, {}, { inDoubt: true })).toMatchObject({ kind: "updated" });
  expect(setup.calls().filter((call) => call.startsWith("updateUser"))).toHaveLength(1);
});

test("an account that is gone, or has another key by now, is left alone", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  expect(await update(setup, "user_gone")).toEqual({ kind: "skipped", reason: "removed_at_destination" });
  const [user] = setup.double.state().users;
  Object.assign(setup.double.users.get(user?.id ?? "") ?? {}, { external_id: "somebody" });
  const givenAway = { kind: "skipped", reason: "external_id_changed" };
  expect(await update(setup, id)).toEqual(givenAway);
  expect(await remove(setup, id)).toEqual(givenAway);
  expect(setup.double.state().users).toHaveLength(1);
});

test("whoever set a password there meanwhile is not forgotten by a change of ours", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  // Instants of one test may be the same millisecond.
  Object.assign(setup.double.users.get(id) ?? {}, { created_at: LONG_AGO, updated_at: LONG_AGO });
  const first = await update(setup, id);
  expect(first).toMatchObject({ details: { changedAtMs: expect.any(Number) } });
  setup.double.replacePassword(id, "a new password of theirs");
  const ourChangeMs = Date.parse(LONG_AGO) + 1;
  const back = { user: BEFORE, written: recordFingerprint(AFTER), ourChangeMs };
  expect(await update(setup, id, back)).not.toHaveProperty("details");
});

test("removes an account; one that is gone already was removed by somebody else, unless a try of ours may have", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  expect(await remove(setup, id)).toEqual({ kind: "removed" });
  expect(setup.double.state().users).toEqual([]);
  expect(await remove(setup, id, { inDoubt: true })).toEqual({ kind: "removed" });
  expect(await remove(setup, id)).toEqual({ kind: "skipped", reason: "removed_at_destination" });
});

test("an account of which the ledger says so stays", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  expect(await remove(setup, id, {}, "address_shared")).toEqual({
    kind: "skipped",
    reason: "address_shared",
  });
  expect(setup.double.state().users).toHaveLength(1);
  expect(setup.verbs).toEqual(["read"]);
});

test("an account in doubt is removed only where this migration made it, and counts as absent once look-ups show it", async () => {
  const setup = await setUp();
  const claimedAtMs = Date.now();
  const doubt = { inDoubt: true, firstClaimedAtMs: claimedAtMs, lastTriedAtMs: claimedAtMs };
  expect(await remove(setup, null, doubt)).toMatchObject({ kind: "too_early" });
  setup.ledgerClock.aheadMs = 120_000;
  expect(await remove(setup, null, doubt)).toEqual({ kind: "removed" });
  setup.double.seed([{ email: BEFORE.email, external_id: KEY, created_at: "2020-01-01T00:00:00.000Z" }]);
  expect(await remove(setup, null, doubt)).toEqual({ kind: "skipped", reason: "not_made_here" });
  expect(setup.double.state().users).toHaveLength(1);
});

test("of an import in doubt, what changed in Cognito since is written; where somebody changed it there, it is not", async () => {
  const setup = await setUp();
  const id = await standing(setup);
  const again = { inDoubt: true, record: AFTER };
  expect(await setup.importOne(again)).toMatchObject({ kind: "created", holds: recordFingerprint(AFTER) });
  expect(setup.double.state().users).toMatchObject([{ first_name: "Augusta", metadata: { plan: "paid" } }]);
  // Instants of one test may be the same millisecond.
  const created_at = new Date(Date.now() - 1_000).toISOString();
  Object.assign(setup.double.users.get(id) ?? {}, { created_at });
  const other = { ...AFTER, firstName: "Another" };
  const outcome = await setup.importOne({ inDoubt: true, record: other });
  expect(outcome).toMatchObject({ kind: "created" });
  expect(setup.double.state().users).toMatchObject([{ first_name: "Augusta" }]);
  const holds = "holds" in outcome ? (outcome.holds ?? "") : "";
  expect(changedFields(holds, recordFingerprint(other))).toEqual(["firstName"]);
});
