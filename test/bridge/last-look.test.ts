import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { whyNoMail } from "../../src/ledger/campaign.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { type BridgeRig, emailOf, moveOf, PASSWORD, type RigWish, startBridge } from "./rig.ts";

/** However long something waits, the old password is set at once after the last look, or not at all. */

const NEW_PASSWORD = "Brand-New-Staple-8";

interface Somebody {
  rig: BridgeRig;
  user: PoolUser;
  email: string;
  accountId: string;
}

async function startWithSomebody(wish: RigWish = {}): Promise<Somebody> {
  const rig = await startBridge({ workos: { options: { unlimited: true } }, ...wish });
  const user = await rig.add();
  return { rig, user, email: emailOf(user), accountId: await rig.imported(user) };
}

async function atWorkos({ workos }: BridgeRig, path: string, body: unknown) {
  const answer = await fetch(`${workos.url}/user_management${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${workos.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.ok).toBe(true);
  // The double answers as OpenAPI 0.61 says.
  return (await answer.json()) as { password_reset_token: string };
}

async function reset({ rig, email }: Somebody): Promise<void> {
  const { password_reset_token: token } = await atWorkos(rig, "/password_reset", { email });
  await atWorkos(rig, "/password_reset/confirm", { token, new_password: NEW_PASSWORD });
}

/** Nobody was moved, so that the campaign mails them, as far as it is about that. */
async function expectKept({ rig, user, accountId }: Somebody): Promise<void> {
  expect(rig.workos.passwordIs(accountId, NEW_PASSWORD)).toBe(true);
  expect(rig.calls().workos.filter((call) => call.startsWith("updateUser"))).toEqual([]);
  await expect.poll(async () => (await moveOf(rig, user.sub))?.openMoves ?? 0).toBe(0);
  const why = await rig.ledger.read((db) =>
    whyNoMail(db, rig.migrationId, { sub: user.sub, userId: accountId }),
  );
  expect([null, "already_reset"]).toContain(why);
}

/** As an import that writes, or a back-up, holds the file. */
function lockFile({ ledgerUrl }: BridgeRig): () => void {
  // The bridge may be writing at this moment.
  const db = new DatabaseSync(ledgerUrl.slice("sqlite:".length), { timeout: 10_000 });
  db.exec("begin immediate");
  return () => {
    db.exec("rollback");
    db.close();
  };
}

async function whenProven({ rig }: Somebody): Promise<void> {
  await expect.poll(() => rig.calls().cognito, { timeout: 20_000 }).toContain("AdminInitiateAuth 200");
}

test("a reset that is completed while the ledger is locked stays", async () => {
  const somebody = await startWithSomebody();
  const { rig, email } = somebody;
  await rig.serving.bridge.copyResets();
  const unlock = lockFile(rig);
  const signingIn = rig.signIn(email);
  await whenProven(somebody);
  await sleep(200);
  await reset(somebody);
  await sleep(1_500);
  unlock();
  expect((await signingIn).status).not.toBe(200);
  await expectKept(somebody);
});

test("so it does on PostgreSQL", async () => {
  const ledgerUrl = await freshPostgresDatabase();
  const somebody = await startWithSomebody({ ledgerUrl });
  const { rig, email } = somebody;
  await rig.serving.bridge.copyResets();
  const other = new pg.Client({ connectionString: ledgerUrl });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("begin; lock table bridge_moves in exclusive mode");
  const signingIn = rig.signIn(email);
  await whenProven(somebody);
  await sleep(200);
  await reset(somebody);
  await sleep(1_500);
  await other.query("rollback");
  expect((await signingIn).status).not.toBe(200);
  await expectKept(somebody);
});

test("so it does where its owner was told of an outage and resets then", async () => {
  const somebody = await startWithSomebody();
  const { rig, email } = somebody;
  await rig.serving.bridge.copyResets();
  rig.serving.bridge.context.timeoutMs = 1_500;
  const unlock = lockFile(rig);
  expect(await rig.signIn(email)).toMatchObject({ status: 503, body: { outcome: "outage" } });
  await reset(somebody);
  unlock();
  await sleep(1_500);
  await expectKept(somebody);
});

test("where one answer of the look comes long after another, the account is looked at once more", async () => {
  const somebody = await startWithSomebody();
  const { rig, email, accountId } = somebody;
  await atWorkos(rig, "/password_reset", { email });
  const slow = { kind: "delay" as const, ms: 2_000 };
  rig.workos.faults.add({ match: { operation: "getPasswordReset" }, times: 1, effect: slow });
  const signingIn = rig.signIn(email);
  const isLooking = () => rig.calls().workos.includes("getUserByExternalId 200");
  await expect.poll(isLooking, { timeout: 20_000 }).toBe(true);
  rig.workos.replacePassword(accountId, NEW_PASSWORD);
  expect(await signingIn).toMatchObject({ status: 403, body: { outcome: "reset_required" } });
  await expectKept(somebody);
});

test("where that stays so, it is an outage", async () => {
  const { rig, email, accountId, user } = await startWithSomebody();
  await atWorkos(rig, "/password_reset", { email });
  const slow = { kind: "delay" as const, ms: 1_500 };
  rig.workos.faults.add({ match: { operation: "getPasswordReset" }, times: 2, effect: slow });
  expect(await rig.signIn(email)).toMatchObject({ status: 503, body: { outcome: "outage" } });
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(false);
  expect(await moveOf(rig, user.sub)).toMatchObject({ openMoves: 0, movedAtMs: null });
});

test("an account that was made long before the ledger had it is looked at once more", async () => {
  const rig = await startBridge({ workos: { options: { unlimited: true } } });
  const user = await rig.add();
  await rig.serving.bridge.copyResets();
  const isLocked = Promise.withResolvers<void>();
  const effect = { kind: "hold" as const, until: isLocked.promise };
  rig.workos.faults.add({ match: { operation: "createUser" }, times: 1, effect });
  const signingIn = rig.signIn(emailOf(user));
  const isMaking = () => rig.workos.journal.entries.some(({ operation }) => operation === "createUser");
  await expect.poll(isMaking, { timeout: 20_000 }).toBe(true);
  const unlock = lockFile(rig);
  isLocked.resolve();
  await expect.poll(() => rig.workos.state().users.length, { timeout: 20_000 }).toBe(1);
  const [account] = rig.workos.state().users;
  const accountId = account?.id ?? "";
  const somebody = { rig, user, email: emailOf(user), accountId };
  await reset(somebody);
  await sleep(1_500);
  unlock();
  expect((await signingIn).status).not.toBe(200);
  await expectKept(somebody);
});
