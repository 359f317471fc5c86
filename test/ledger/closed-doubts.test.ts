import { expect } from "vitest";
import type { PlacedKind, WorkIntent } from "../../src/domain/books.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteStanding, placedAmong } from "../../src/ledger/placed.ts";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { closeEarlier } from "../../src/ledger/queue-reopening.ts";
import { takeBack } from "../../src/ledger/taken-back.ts";
import { changedFields, fingerprintOf, mayBeWritten } from "../../src/plan/fingerprint.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { testOnBoth } from "./ledgers.ts";

/** What a run that is over may have changed or removed. */

const RUN = { migrationId: 1, generation: 1 };
const NEXT = { migrationId: 1, generation: 2 };
const BEFORE = fingerprintOf({ email: "a@example.com", firstName: "Ada" });
const PLANNED = fingerprintOf({ email: "b@example.com", firstName: "Augusta" });
const keys = (sub: string) => ["acme", "beta"].map((organization) => membershipKey({ sub, organization }));

/** Of these subs an account and two memberships each stand. */
async function stand(ledger: Ledger, ...subs: string[]): Promise<void> {
  const fact = { how: "created", details: null, firstClaimedAtMs: 5 } as const;
  const people = subs.map((key) => ({
    ...fact,
    ...{ kind: "user" as const, key, destinationId: `user_${key}`, fingerprint: BEFORE },
  }));
  const members = subs.flatMap(keys).map((key) => ({
    ...fact,
    ...{
      kind: "membership" as const,
      key,
      destinationId: `om_${key}`,
      fingerprint: fingerprintOf({ roles: ["a"] }),
    },
  }));
  await ledger.write((tx) => noteStanding(tx, 1, [...people, ...members]));
}

/** A run that was closed while it did this with it. */
async function closedWhile(ledger: Ledger, intent: WorkIntent, kind: PlacedKind, key: string): Promise<void> {
  const phase = kind === "user" ? "users" : "memberships";
  await ledger.write((tx) => addItems(tx, RUN, phase, 0, [{ kind, key, intent, doubtSinceMs: null }]));
  await ledger.write((tx) => claim(tx, { ...RUN, phase, from: 1, to: 1 }, 7, 1));
  await ledger.write((tx) => closeEarlier(tx, NEXT, 10));
}

async function placedOf(ledger: Ledger, kind: PlacedKind, wanted: readonly string[]) {
  const placed = await ledger.read((db) => placedAmong(db, 1, kind, wanted));
  return wanted.map((key) => placed.get(key));
}

testOnBoth(
  "a field that was being changed is as it was, or as planned; the address is as it was",
  async ({ open }) => {
    const ledger = await open();
    await stand(ledger, "a", "b");
    const decision = { action: "create", reason: null, mergeInto: null, fingerprint: PLANNED } as const;
    await ledger.write((tx) => writeDecisions(tx, RUN, [{ ...decision, sub: "a" }]));
    await closedWhile(ledger, "update", "user", "a");
    const [changed, other] = await placedOf(ledger, "user", ["a", "b"]);
    expect(changed).toMatchObject({ state: "standing", how: "created", destinationId: "user_a" });
    const fingerprint = changed?.fingerprint ?? "";
    for (const name of ["Ada", "Augusta"]) expect(mayBeWritten(fingerprint, "firstName", name)).toBe(true);
    expect(changedFields(fingerprint, BEFORE)).toEqual(["firstName"]);
    expect(other?.fingerprint).toBe(BEFORE);
  },
);

testOnBoth("so are the roles of a membership", async ({ open }) => {
  const ledger = await open();
  await stand(ledger, "a");
  const [key = ""] = keys("a");
  const data = { sub: "a", organization: "acme", roles: ["b"] };
  await ledger.write((tx) =>
    writePlannedObjects(tx, RUN, "memberships", [{ kind: "membership", key, data }]),
  );
  await closedWhile(ledger, "update", "membership", key);
  const [changed] = await placedOf(ledger, "membership", [key]);
  for (const roles of [["a"], ["b"]])
    expect(mayBeWritten(changed?.fingerprint ?? "", "roles", roles)).toBe(true);
});

testOnBoth(
  "what was being removed is in doubt, an account with its memberships and no other one",
  async ({ open }) => {
    const ledger = await open();
    await stand(ledger, "a", "a-b", "ab", "b");
    await closedWhile(ledger, "remove", "user", "a");
    const states = async (kind: PlacedKind, wanted: readonly string[]) =>
      (await placedOf(ledger, kind, wanted)).map((one) => one?.state);
    expect(await states("user", ["a", "a-b", "ab", "b"])).toEqual([
      "in_doubt",
      "standing",
      "standing",
      "standing",
    ]);
    expect(await states("membership", [...keys("a"), ...keys("a-b"), ...keys("ab")])).toEqual([
      ...["in_doubt", "in_doubt"],
      ...["standing", "standing", "standing", "standing"],
    ]);
    const [account] = await placedOf(ledger, "user", ["a"]);
    expect(account).toMatchObject({ destinationId: null, how: null, firstClaimedAtMs: 5 });
  },
);

testOnBoth(
  "what was removed leaves the book, an account with its memberships and no other one",
  async ({ open }) => {
    const ledger = await open();
    await stand(ledger, "a", "a-b", "b");
    await ledger.write((tx) => takeBack(tx, 1, [{ kind: "user", key: "a" }]));
    expect((await placedOf(ledger, "user", ["a", "a-b", "b"])).map((one) => one?.state)).toEqual([
      undefined,
      "standing",
      "standing",
    ]);
    expect(
      (await placedOf(ledger, "membership", [...keys("a"), ...keys("a-b")])).map((one) => one?.state),
    ).toEqual([...[undefined, undefined], ...["standing", "standing"]]);
    await stand(ledger, "a");
    await ledger.write((tx) => takeBack(tx, 1, [{ kind: "membership", key: keys("a")[0] ?? "" }]));
    expect((await placedOf(ledger, "membership", keys("a"))).map((one) => one?.state)).toEqual([
      undefined,
      "standing",
    ]);
  },
);
