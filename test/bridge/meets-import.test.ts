import { expect, test } from "vitest";
import { accountOf } from "../../src/bridge/own-account.ts";
import { place } from "../../src/bridge/place.ts";
import { sendOne } from "../../src/destinations/sending.ts";
import { settlementOf } from "../../src/engine/batch/settlement.ts";
import { type WhyNoMail, whyNoMail } from "../../src/ledger/campaign.ts";
import { doubtStanding } from "../../src/ledger/closed-doubts.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import type { ClaimedItem, WorkRange } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { findMigration, findMigrationInForce } from "../../src/ledger/runs.ts";
import { recordFingerprint } from "../../src/plan/record.ts";
import { sendableRecord } from "../../src/plan/sendable-record.ts";
import { AT_ONCE, connect } from "../destinations/workos-setup.ts";
import { startBridgeProcess } from "./bridge-process.ts";
import { type BridgeRig, call, emailOf, itemOf, moveOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

/** Import and bridge meet the same person in the same second: one account results. */

/** What an import does with its next item, step by step. */
function importOf(rig: BridgeRig, fence: number) {
  const { ledger, migrationId, workos } = rig;
  const destination = connect(workos);
  const range: WorkRange = { migrationId, generation: 1, phase: "users", from: 1, to: 10 };
  return {
    async claim(): Promise<ClaimedItem> {
      const [item] = await ledger.write((tx) => claim(tx, range, fence, 1));
      if (item === undefined) throw new Error("Nothing is open.");
      return item;
    },
    async send({ key, data, firstClaimedAtMs, inDoubt }: ClaimedItem) {
      const identity = {
        poolId: rig.cognito.pool.poolId,
        destinationKind: "workos",
        environment: workos.clientId,
      };
      const migration = await ledger.read((db) => findMigration(db, identity));
      if (migration === undefined) throw new Error("There is no migration.");
      const { record } = sendableRecord(destination, migration.file, key, data ?? "{}");
      const user = { user: record, onExisting: "skip" as const, beforeAdopt: async () => {} };
      const tries = { firstClaimedAtMs, lastTriedAtMs: firstClaimedAtMs, inDoubt };
      const item = { key, record: user, ...tries };
      const outcome = await sendOne(destination.users, item, AT_ONCE);
      return { outcome, fingerprint: recordFingerprint(record) };
    },
    async settle(item: ClaimedItem, { outcome, fingerprint }: Awaited<ReturnType<typeof this.send>>) {
      if (outcome.kind !== "created" && outcome.kind !== "already_there")
        throw new Error(`The import ended as ${outcome.kind}.`);
      await ledger.write((tx) => settle(tx, range, fence, [settlementOf(item, outcome, fingerprint)]));
    },
  };
}

async function expectOneAccount(rig: BridgeRig, sub: string): Promise<void> {
  const [account, ...others] = rig.workos.state().users;
  expect(others).toEqual([]);
  expect(rig.workos.state().createdByExternalId).toEqual({ [sub]: 1 });
  expect(await itemOf(rig, sub)).toMatchObject({ state: "done", destinationId: account?.id });
  expect(await moveOf(rig, sub)).toMatchObject({ destinationId: account?.id, movedAtMs: expect.any(Number) });
  const counts = await rig.ledger.read((db) =>
    phaseCounts(db, { migrationId: rig.migrationId, generation: 1 }, "users"),
  );
  expect(counts).toEqual({ pending: 0, done: 1, failed: 0, skipped: 0 });
}

test("the import first: it made the account, and was killed before it could tell", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const killed = importOf(rig, 1);
  await killed.send(await killed.claim());

  expect((await rig.signIn(emailOf(user))).status).toBe(200);

  const next = importOf(rig, 2);
  const item = await next.claim();
  expect(item.inDoubt).toBe(true);
  await next.settle(item, await next.send(item));
  await expectOneAccount(rig, user.sub);
});

test("the bridge first: the import holds its claim, and finds the account", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const importing = importOf(rig, 1);
  const item = await importing.claim();

  expect((await rig.signIn(emailOf(user))).status).toBe(200);

  await importing.settle(item, await importing.send(item));
  await expectOneAccount(rig, user.sub);
});

test("the bridge first: an import that comes later has nothing left to do", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  await expect(importOf(rig, 1).claim()).rejects.toThrow("Nothing is open.");
  await expectOneAccount(rig, user.sub);
});

test("both at once", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const importing = importOf(rig, 1);
  const item = await importing.claim();
  rig.workos.faults.add({ match: { operation: "createUser" }, times: 2, effect: { kind: "delay", ms: 200 } });
  const [sent, signedIn] = await Promise.all([importing.send(item), rig.signIn(emailOf(user))]);
  await importing.settle(item, sent);
  expect(signedIn.status).toBe(200);
  await expectOneAccount(rig, user.sub);
});

test("two tabs at once", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const [one, other] = await Promise.all([rig.signIn(emailOf(user)), rig.signIn(emailOf(user))]);
  expect([one.status, other.status]).toEqual([200, 200]);
  await expectOneAccount(rig, user.sub);
});

test("a bridge that is killed between account and password leaves somebody who can sign in", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const doomed = await startProcess(rig);
  rig.workos.faults.add({ match: { operation: "updateUser" }, times: 1, effect: { kind: "hang" } });
  const body = { email: emailOf(user), password: PASSWORD };
  const answer = call(doomed.url, "/sign-in", body, { authorization: `Bearer ${SECRET}` });
  const end = answer.then(
    () => "answered",
    () => "lost",
  );
  const isSetting = () => rig.calls().workos.some((entry) => entry.startsWith("updateUser"));
  await expect.poll(isSetting, { timeout: 20_000 }).toBe(true);
  await doomed.kill();
  expect(await end).toBe("lost");

  // Their password may stand there by now: until it is known, nobody mails them.
  expect(await moveOf(rig, user.sub)).toMatchObject({ openMoves: 1, movedAtMs: null });
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  await expectOneAccount(rig, user.sub);
});

/** An undo was given up while it removed an account that stood for somebody: it is gone, and nobody heard of it. */
async function doubtRemoval({ ledger, migrationId }: BridgeRig, key: string): Promise<void> {
  const gone = { destinationId: "user_gone", how: "created", fingerprint: null, details: null } as const;
  await ledger.write(async (tx) => {
    await noteStanding(tx, migrationId, [{ kind: "user", key, firstClaimedAtMs: 1, ...gone }]);
    await doubtStanding(tx, migrationId, [{ kind: "user", key, generation: 0 }]);
  });
}

function whyNotMailed({ ledger, migrationId, workos }: BridgeRig, sub: string): Promise<WhyNoMail | null> {
  const userId = workos.state().users.find(({ external_id }) => external_id === sub)?.id ?? "";
  return ledger.read((db) => whyNoMail(db, migrationId, { sub, userId }));
}

test("nobody is mailed while the password of an account is set that takes the place of a doubted one", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await doubtRemoval(rig, user.sub);
  const { promise, resolve: release } = Promise.withResolvers<void>();
  rig.workos.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "hold", until: promise },
  });
  const answer = rig.signIn(emailOf(user));
  const isSetting = () => rig.calls().workos.some((entry) => entry.startsWith("updateUser"));
  await expect.poll(isSetting, { timeout: 10_000 }).toBe(true);
  expect(await whyNotMailed(rig, user.sub)).toBe("move_under_way");
  release();
  expect((await answer).status).toBe(200);
  await expect.poll(() => whyNotMailed(rig, user.sub)).toBe("moved_by_bridge");
});

test.each(["moved_by_bridge", "asked_already"] as const)(
  "whoever is %s between an import's call and its outcome stays so, where a doubted account is gone",
  async (why) => {
    const rig = await startBridge();
    const user = await rig.add();
    await doubtRemoval(rig, user.sub);
    const importing = importOf(rig, 1);
    const item = await importing.claim();
    const sent = await importing.send(item);
    const body = { email: emailOf(user) };
    if (why === "moved_by_bridge") expect((await rig.signIn(emailOf(user))).status).toBe(200);
    else expect((await rig.post("/forgot-password", body)).status).toBe(202);
    await expect.poll(() => whyNotMailed(rig, user.sub)).toBe(why);
    await importing.settle(item, sent);
    expect(await whyNotMailed(rig, user.sub)).toBe(why);
  },
);

function startProcess({ ledgerUrl, cognito: { pool }, workos }: BridgeRig) {
  const [client] = pool.clients;
  return startBridgeProcess({
    SPILLWAY_LEDGER: ledgerUrl,
    SPILLWAY_BRIDGE_SECRETS: SECRET,
    SPILLWAY_BRIDGE_USER_POOL: pool.poolId,
    SPILLWAY_BRIDGE_CLIENT_ID: client?.id ?? "",
    SPILLWAY_BRIDGE_CLIENT_SECRET: client?.secret ?? "",
    WORKOS_API_KEY: workos.key,
    WORKOS_CLIENT_ID: workos.clientId,
    WORKOS_API_URL: workos.url,
  });
}

test("an account that an import made a moment ago, under an address that its owner has left since, takes no password", async () => {
  const rig = await startBridge();
  const { deps } = rig.serving.bridge.context;
  const { sub, attributes } = await rig.add({ email: "new@example.com" });
  rig.workos.seed([{ email: "old@example.com", external_id: sub }]);
  const migration = await rig.ledger.read((db) => findMigrationInForce(db, deps.migration));
  if (migration === undefined) throw new Error("There is no migration.");
  const looks: string[] = [];
  const accounts = {
    ...deps.accounts,
    // Lags behind.
    accountByExternalId: async () => ({ ok: true as const, value: null }),
    accountById: (id: string) => {
      looks.push(id);
      return deps.accounts.accountById(id);
    },
  };
  const person = { sub, email: "new@example.com", emailVerified: true, attributes, unread: [] };
  const placed = await place(deps.ledger, deps.destination, migration, person);
  if (placed.kind !== "create") throw new Error("The plan leaves them out.");
  expect(await accountOf({ ...deps, accounts }, { migration, person, byEmail: null, placed })).toEqual({
    ok: false,
    outcome: { kind: "wrong" },
  });
  expect(looks).toEqual([rig.workos.state().users[0]?.id]);
});
