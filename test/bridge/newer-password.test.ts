import { expect, test } from "vitest";
import { nowMsSql } from "../../src/ledger/dialect.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { type BridgeRig, emailOf, moveOf, PASSWORD, type RigWish, startBridge } from "./rig.ts";

/** A password that was set at WorkOS stays, whatever tells of it, and however late. */

const NEW_PASSWORD = "Brand-New-Staple-8";
const RESET = { status: 403, body: { outcome: "reset_required", show: "reset" } };
const WRONG = { status: 401, body: { outcome: "wrong", show: "wrong" } };
/** Longer than any test takes. */
const LATE_MS = 600_000;

/** Whether the account itself tells of a new password is not documented word by word. */
const silent = (options: NonNullable<RigWish["workos"]>["options"] = {}): RigWish => ({
  workos: { options: { unlimited: true, passwordsMoveUpdatedAt: false, ...options } },
});

async function startWithSomebody(wish: RigWish = {}) {
  const rig = await startBridge(wish);
  const user = await rig.add();
  const accountId = await rig.imported(user);
  return { rig, user, accountId, email: emailOf(user) };
}

const atWorkos = async (rig: BridgeRig, method: string, path: string, body: unknown) => {
  const answer = await fetch(`${rig.workos.url}/user_management${path}`, {
    method,
    headers: { authorization: `Bearer ${rig.workos.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.ok).toBe(true);
  // The double answers as OpenAPI 0.61 says.
  return (await answer.json()) as { id: string; password_reset_token: string };
};

/** As somebody who has the link: from a mail, or from AuthKit's own "forgot password". */
const askForLink = (rig: BridgeRig, email: string) => atWorkos(rig, "POST", "/password_reset", { email });
const use = (rig: BridgeRig, { password_reset_token: token }: { password_reset_token: string }) =>
  atWorkos(rig, "POST", "/password_reset/confirm", { token, new_password: NEW_PASSWORD });

async function expectKept({ rig, accountId, user, email }: Somebody, told: object) {
  const answer = await rig.signIn(email);
  expect(answer).toMatchObject(told);
  expect(answer.body).not.toHaveProperty("session");
  expect(rig.workos.passwordIs(accountId, NEW_PASSWORD)).toBe(true);
  const { openMoves = 0, movedAtMs = null } = (await moveOf(rig, user.sub)) ?? {};
  expect({ openMoves, movedAtMs }).toEqual({ openMoves: 0, movedAtMs: null });
}

interface Somebody {
  rig: BridgeRig;
  user: PoolUser;
  accountId: string;
  email: string;
}

test("a reset whose events are not listed yet shows by the account, which was changed", async () => {
  const somebody = await startWithSomebody({ workos: { options: { eventsLagMs: LATE_MS } } });
  const { rig, email } = somebody;
  await use(rig, await askForLink(rig, email));
  await expectKept(somebody, RESET);
});

test("a reset that is not listed as completed shows by its link, which is used up", async () => {
  const somebody = await startWithSomebody(
    silent({ eventsLagMs: LATE_MS, laggingEvents: ["password_reset.succeeded"] }),
  );
  const { rig, email } = somebody;
  await use(rig, await askForLink(rig, email));
  await expectKept(somebody, RESET);
  // Once it is listed, Cognito is not asked any more.
  rig.workos.stores.events.showAll();
  const asked = rig.calls().cognito.length;
  await expectKept(somebody, WRONG);
  expect(rig.calls().cognito).toHaveLength(asked);
});

test("a reset of a mail of the campaign shows by the link that the ledger knows", async () => {
  const somebody = await startWithSomebody(silent({ eventsLagMs: LATE_MS }));
  const { rig, email, user } = somebody;
  const link = await askForLink(rig, email);
  await noteMailed(rig, user, link.id);
  await use(rig, link);
  await expectKept(somebody, RESET);
});

test("a mail that was asked for keeps nobody out until its link is used", async () => {
  const { rig, email, accountId, user } = await startWithSomebody(silent({ eventsLagMs: LATE_MS }));
  expect((await rig.post("/forgot-password", { email })).status).toBe(202);
  await rig.serving.bridge.context.afterAnswers.idle();
  expect(rig.workos.stores.passwordResets.all()).toHaveLength(1);
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(true);
  expect(await moveOf(rig, user.sub)).toBeDefined();
});

test("the link of a mail that was asked for may have been used", async () => {
  const somebody = await startWithSomebody(silent({ eventsLagMs: LATE_MS }));
  const { rig, email } = somebody;
  expect((await rig.post("/forgot-password", { email })).status).toBe(202);
  await rig.serving.bridge.context.afterAnswers.idle();
  const [link] = rig.workos.stores.passwordResets.all();
  await use(rig, link ?? { password_reset_token: "" });
  await expectKept(somebody, RESET);
});

test("a mail whose link nobody knows yet may have been used", async () => {
  const somebody = await startWithSomebody(silent({ eventsLagMs: LATE_MS }));
  const { rig, email } = somebody;
  rig.workos.faults.add({
    match: { operation: "createPasswordReset" },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  expect((await rig.post("/forgot-password", { email })).status).toBe(202);
  await rig.serving.bridge.context.afterAnswers.idle();
  const [link] = rig.workos.stores.passwordResets.all();
  await use(rig, link ?? { password_reset_token: "" });
  await expectKept(somebody, RESET);
});

test("an event that is listed late behind a newer one is read all the same", async () => {
  const somebody = await startWithSomebody(silent());
  const { rig, email } = somebody;
  const other = await rig.add();
  await rig.imported(other);
  rig.workos.setOptions({ eventsLagMs: LATE_MS });
  await use(rig, await askForLink(rig, email));
  rig.workos.setOptions({ eventsLagMs: 0 });
  await use(rig, await askForLink(rig, emailOf(other)));
  await rig.serving.bridge.copyResets();
  rig.workos.stores.events.showAll();
  await expectKept(somebody, WRONG);
});

test.each([
  ["in the dashboard", (rig: BridgeRig, id: string) => rig.workos.replacePassword(id, NEW_PASSWORD)],
  [
    "over the API",
    (rig: BridgeRig, id: string) => atWorkos(rig, "PUT", `/users/${id}`, { password: NEW_PASSWORD }),
  ],
])("a password that an operator set %s stays", async (_, replace) => {
  const somebody = await startWithSomebody();
  await replace(somebody.rig, somebody.accountId);
  await expectKept(somebody, RESET);
  expect(await somebody.rig.signIn(somebody.email, NEW_PASSWORD)).toMatchObject({ status: 200 });
});

test("so it does where it is set while Cognito answers", async () => {
  const somebody = await startWithSomebody();
  const { rig, email, accountId } = somebody;
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "delay", ms: 700 },
  });
  const signingIn = rig.signIn(email);
  await expect.poll(() => rig.calls().cognito.length, { timeout: 20_000 }).toBe(1);
  rig.workos.replacePassword(accountId, NEW_PASSWORD);
  expect(await signingIn).toMatchObject(RESET);
  expect(rig.workos.passwordIs(accountId, NEW_PASSWORD)).toBe(true);
});

test("what is told of an account that somebody changed is nothing without the right password", async () => {
  const { rig, accountId, email } = await startWithSomebody();
  rig.workos.replacePassword(accountId, NEW_PASSWORD);
  expect(await rig.signIn(email, "Not-The-One-9")).toMatchObject(WRONG);
});

test("where the setting says so, an account that somebody changed takes the old password", async () => {
  const settings = { SPILLWAY_BRIDGE_CHANGED_ACCOUNTS: "move" };
  const { rig, accountId, email } = await startWithSomebody({ settings });
  await atWorkos(rig, "PUT", `/users/${accountId}`, { metadata: { crm: "7" } });
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
});

test("whoever has a link that nobody used signs in with the old password", async () => {
  const { rig, user, email, accountId } = await startWithSomebody({
    workos: { options: { unlimited: true } },
  });
  const link = await askForLink(rig, email);
  await noteMailed(rig, user, link.id);
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(true);
  expect(rig.calls().workos.filter((call) => call === "getPasswordReset 200")).toHaveLength(1);
});

test("links that strangers asked for and nobody used keep the right password out no more", async () => {
  const { rig, email, accountId } = await startWithSomebody({ workos: { options: { unlimited: true } } });
  for (let asked = 0; asked < 12; asked += 1) await askForLink(rig, email);
  await rig.serving.bridge.copyResets();
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(true);
});

test("a used link among many that nobody used shows, whichever it is; beyond fifty links a reset is asked for", async () => {
  const somebody = await startWithSomebody(
    silent({ eventsLagMs: LATE_MS, laggingEvents: ["password_reset.succeeded"] }),
  );
  const { rig, email } = somebody;
  const links = [];
  for (let asked = 0; asked < 12; asked += 1) links.push(await askForLink(rig, email));
  await use(rig, links[3] ?? { password_reset_token: "" });
  await expectKept(somebody, RESET);
  const other = await rig.add();
  await rig.imported(other);
  for (let asked = 0; asked < 51; asked += 1) await askForLink(rig, emailOf(other));
  const before = rig.calls().workos.length;
  expect(await rig.signIn(emailOf(other))).toMatchObject(RESET);
  expect(rig.calls().workos.slice(before)).not.toContain("getPasswordReset 200");
});

test("a link of which WorkOS does not tell whether it was used is an outage", async () => {
  const { rig, email } = await startWithSomebody();
  await askForLink(rig, email);
  rig.workos.faults.add({
    match: { operation: "getPasswordReset" },
    times: 1,
    effect: { kind: "status", status: 503 },
  });
  expect(await rig.signIn(email)).toMatchObject({ status: 503, body: { outcome: "outage" } });
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
});

test("a link that is long past keeps nobody out, though it is gone", async () => {
  const { rig, email } = await startWithSomebody(silent());
  const link = await askForLink(rig, email);
  const [kept] = rig.workos.stores.passwordResets.all();
  if (kept !== undefined) rig.workos.stores.passwordResets.remove(kept);
  expect(await rig.signIn(email)).toMatchObject(RESET);
  const past = { expires_at_ms: Date.now() - 3_600_000 };
  await rig.ledger.write((tx) =>
    tx.updateTable("reset_links").set(past).where("reset_id", "=", link.id).execute(),
  );
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
});

test("whoever has no link costs no call more than before", async () => {
  const { rig, email } = await startWithSomebody();
  await rig.serving.bridge.copyResets();
  const before = rig.calls().workos.length;
  expect(await rig.signIn(email)).toMatchObject({ status: 200 });
  expect(rig.calls().workos.slice(before).sort()).toEqual(
    [
      ...["authenticate 400", "listUsers 200", "listEvents 200", "getUserByExternalId 200"],
      ...["listEvents 200", "updateUser 200", "authenticate 200"],
    ].sort(),
  );
});

test("an account that was adopted takes the old password: the change is our own", async () => {
  const rig = await startBridge({ file: { users: { onExisting: "adopt" } } });
  const user = await rig.add();
  rig.workos.seed([{ email: emailOf(user), email_verified: true, created_at: "2026-01-01T00:00:00.000Z" }]);
  expect(await rig.signIn(emailOf(user))).toMatchObject({ status: 200 });
});

/** As the campaign notes a mail that went out. */
async function noteMailed({ ledger, migrationId }: BridgeRig, { sub }: PoolUser, mailId: string) {
  const mail = { migration_id: migrationId, sub, sender: "campaign", state: "mailed", mails: 1 } as const;
  await ledger.write((tx) =>
    tx
      .insertInto("mails")
      .values({ ...mail, claimed_at_ms: nowMsSql(tx), mail_id: mailId })
      .execute(),
  );
}
