import { expect } from "vitest";
import type { PlacedKind, WorkIntent } from "../../src/domain/books.ts";
import { beginMove, endMove, noteAccount, noteMoved } from "../../src/ledger/bridge.ts";
import { whyNoMail } from "../../src/ledger/campaign.ts";
import { ledgerNowMs } from "../../src/ledger/dialect.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteAsked } from "../../src/ledger/mails.ts";
import { noteStanding, placedAmong } from "../../src/ledger/placed.ts";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { writePlannedObjects } from "../../src/ledger/planned-objects.ts";
import { noteProven } from "../../src/ledger/proofs.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { closeEarlier } from "../../src/ledger/queue-reopening.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { ownMigration } from "../../src/ledger/runs.ts";
import { takeBack } from "../../src/ledger/taken-back.ts";
import { changedFields, fingerprintOf, mayBeWritten } from "../../src/plan/fingerprint.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { migrationOf } from "../domain/parse-file.ts";
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
  await nextMs(ledger);
  await ledger.write((tx) => addItems(tx, RUN, phase, 0, [{ kind, key, intent, doubtSinceMs: null }]));
  await ledger.write((tx) => claim(tx, { ...RUN, phase, from: 1, to: 1 }, 7, 1));
  await ledger.write((tx) => closeEarlier(tx, NEXT, 10));
}

/** Its clock has moved on: what was noted until now is older than what follows. */
async function nextMs(ledger: Ledger): Promise<void> {
  const nowMs = await ledger.read(ledgerNowMs);
  while ((await ledger.read(ledgerNowMs)) <= nowMs);
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

const account = (sub: string, destinationId: string) => ({
  ...{ sub, email: `${sub}@example.com`, destinationId },
  ...{ how: "created" as const, fingerprint: BEFORE, firstClaimedAtMs: 5 },
});

/** Who has a mail, and whose password the bridge brought. */
async function known(ledger: Ledger): Promise<{ mailed: string[]; moved: string[] }> {
  const subs = (table: "mails" | "bridge_moves") =>
    ledger.read((db) => db.selectFrom(table).select("sub").orderBy("sub").execute());
  const [mailed, moved] = await Promise.all([subs("mails"), subs("bridge_moves")]);
  return { mailed: mailed.map(({ sub }) => sub), moved: moved.map(({ sub }) => sub) };
}

testOnBoth(
  "what was for an account whose removal was in doubt is forgotten once another one stands",
  async ({ open }) => {
    const ledger = await open();
    await stand(ledger, "a", "b", "c");
    for (const sub of ["a", "b", "c"])
      await ledger.write(async (tx) => {
        await noteAsked(tx, 1, sub);
        await noteMoved(tx, 1, sub);
      });
    for (const sub of ["a", "b"]) await closedWhile(ledger, "remove", "user", sub);
    const all = { mailed: ["a", "b", "c"], moved: ["a", "b", "c"] };
    expect(await known(ledger)).toEqual(all);
    await ledger.write((tx) => noteAccount(tx, { id: 1, generation: 2 }, account("a", "user_a")));
    expect(await known(ledger)).toEqual(all);
    await ledger.write((tx) => noteAccount(tx, { id: 1, generation: 2 }, account("b", "user_anew")));
    expect(await known(ledger)).toEqual({ mailed: ["a", "c"], moved: ["a", "c"] });
  },
);

testOnBoth("what was noted since that doubt is of the one that stands, and stays", async ({ open }) => {
  const ledger = await open();
  const file = migrationOf({
    source: { region: "eu-west-1", userPoolId: "eu-west-1_Doubts" },
    destination: { kind: "workos" },
  });
  const identity = { poolId: "eu-west-1_Doubts", destinationKind: "workos", environment: "client_01" };
  const owner = { namespace: "default", workflowId: "w", firstRunId: "run-1" };
  await ledger.write((tx) => ownMigration(tx, identity, file, owner, undefined));
  const subs = ["moving", "moved", "tried", "asked", "proven"];
  await stand(ledger, ...subs);
  const begin = (sub: string) => ledger.change((db) => beginMove(db, 1, sub));
  for (const sub of ["moving", "tried", "asked"]) {
    await begin(sub);
    await ledger.change((db) => noteMoved(db, 1, sub));
  }
  for (const sub of subs) await closedWhile(ledger, "remove", "user", sub);
  for (const sub of ["moving", "moved", "tried"]) await begin(sub);
  await ledger.change((db) => noteMoved(db, 1, "moved"));
  await ledger.change((db) => noteAsked(db, 1, "asked"));
  await ledger.change((db) => noteProven(db, 1, "proven"));
  for (const sub of subs)
    await ledger.write((tx) => noteAccount(tx, { id: 1, generation: 2 }, account(sub, `user_new_${sub}`)));
  await ledger.change((db) => endMove(db, 1, "tried"));
  const whys = await ledger.read((db) =>
    Promise.all(subs.map((sub) => whyNoMail(db, 1, { sub, userId: `user_new_${sub}` }))),
  );
  expect(whys).toEqual(["move_under_way", "moved_by_bridge", null, "ask_under_way", "proven_by_bridge"]);
});

testOnBoth(
  "it is forgotten as well where a run makes the other one, or finds that none stands",
  async ({ open }) => {
    const ledger = await open();
    await stand(ledger, "a", "b", "c");
    for (const sub of ["a", "b", "c"]) {
      await ledger.write((tx) => noteAsked(tx, 1, sub));
      await closedWhile(ledger, "remove", "user", sub);
    }
    const items = ["a", "b", "c"].map((key) => ({
      kind: "user" as const,
      key,
      intent: "create" as const,
      doubtSinceMs: 5,
    }));
    const range = { ...NEXT, phase: "users" as const, from: 1, to: 3 };
    await ledger.write((tx) => addItems(tx, NEXT, "users", 0, items));
    const claimed = await ledger.write((tx) => claim(tx, range, 8, 3));
    const stands = (destinationId: string) =>
      ({
        state: "done",
        code: null,
        fact: { destinationId, how: "created", fingerprint: BEFORE, details: null },
      }) as const;
    const denied = { state: "failed", code: "refused", fact: null } as const;
    const ends: Record<string, ReturnType<typeof stands> | typeof denied> = {
      ...{ a: stands("user_a"), b: stands("user_anew"), c: denied },
    };
    const settlements = claimed.map((item) => ({
      item,
      inDoubt: false,
      message: null,
      ...(ends[item.key] ?? denied),
    }));
    await ledger.write((tx) => settle(tx, range, 8, settlements));
    expect((await known(ledger)).mailed).toEqual(["a"]);
  },
);
