import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { whyNoMail } from "../../src/ledger/campaign.ts";
import { setClusterKey } from "../../src/ledger/source-users.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { type BridgeRig, emailOf, itemOf, startBridge } from "./rig.ts";

const MAIL_SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";

const mails = (rig: BridgeRig) =>
  rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;
const ask = (rig: BridgeRig, email: string) => rig.post("/forgot-password", { email });
const afterAnswers = (rig: BridgeRig) => rig.serving.bridge.context.afterAnswers;

/** The answer, and what follows it. */
async function forgot(rig: BridgeRig, email: string) {
  const answer = await ask(rig, email);
  await afterAnswers(rig).idle();
  return answer;
}

test("somebody not moved yet is imported first, and then mailed", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  const [account] = rig.workos.state().users;
  expect(account).toMatchObject({ external_id: user.sub, email_verified: true });
  expect(await itemOf(rig, user.sub)).toMatchObject({ state: "done", destinationId: account?.id });
  expect(mails(rig)).toBe(1);
  expect(rig.calls().cognito.toSorted()).toEqual(["DescribeUserPool 200", "ListUsers 200"]);
});

test("somebody who has an account is mailed", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  expect((await forgot(rig, emailOf(user))).status).toBe(202);
  expect(mails(rig)).toBe(1);
});

test.each([
  ["an unknown person", null],
  ["a disabled one", { enabled: false }],
  ["one whose address nobody verified", { emailVerified: false }],
  ["one who signs in with a provider alone", { status: "EXTERNAL_PROVIDER" }],
])("%s gets the same answer and no mail", async (_, parts) => {
  const rig = await startBridge();
  const email = parts === null ? "nobody@example.com" : emailOf(await rig.add(parts));
  const known = await rig.add();
  const usual = await forgot(rig, emailOf(known));
  const answer = await forgot(rig, email);
  expect({ status: answer.status, text: answer.text }).toEqual({ status: usual.status, text: usual.text });
  expect(mails(rig)).toBe(1);
  expect(rig.workos.state().createdByExternalId).toEqual({ [known.sub]: 1 });
});

test.each([
  ["disabled in Cognito since", { enabled: false }],
  ["signs in with a provider alone", { status: "EXTERNAL_PROVIDER" }],
])("somebody who was imported and is or %s gets no mail", async (_, parts) => {
  const rig = await startBridge();
  const user = await rig.add(parts);
  await rig.imported(user);
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(0);
});

/** An account with the person's address that Spillway did not make. */
const foreignAccount = (rig: BridgeRig, user: PoolUser) =>
  rig.workos.seed([{ email: emailOf(user), email_verified: true, external_id: null }]);

test.each([
  ["is disabled in Cognito", { enabled: false }],
  ["signs in with a provider alone", { status: "EXTERNAL_PROVIDER" }],
])("somebody who %s gets no mail to an account that stood there before either", async (_, parts) => {
  const rig = await startBridge();
  const user = await rig.add(parts);
  foreignAccount(rig, user);
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(0);
});

test.each([
  ["disabled", { enabled: false }],
  ["of a provider alone", { status: "EXTERNAL_PROVIDER" }],
])("somebody who is %s gets no mail for a sign-up of their own that nobody verified", async (_, parts) => {
  const rig = await startBridge();
  const user = await rig.add(parts);
  foreignAccount(rig, user);
  await rig.add({ email: emailOf(user), emailVerified: false, status: "UNCONFIRMED" });
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(0);
});

test("somebody who is disabled gets no mail where a link gives them the key of another address", async () => {
  const rig = await startBridge();
  const [user, other] = [await rig.add({ enabled: false }), await rig.add()];
  const subs = [user.sub, other.sub];
  await rig.ledger.write((tx) => setClusterKey(tx, rig.migrationId, subs, emailOf(other)));
  foreignAccount(rig, user);
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(0);
});

test.each(["UNCONFIRMED", "FORCE_CHANGE_PASSWORD"])(
  "somebody of status %s whose address nobody verified gets no mail, whatever the file says",
  async (status) => {
    const rig = await startBridge({ file: { passwordResets: { unverified: "send" } } });
    const user = await rig.add({ status, emailVerified: false });
    await rig.imported(user);
    expect((await forgot(rig, emailOf(user))).status).toBe(202);
    expect(mails(rig)).toBe(0);
  },
);

test.each([
  ["the import", "createUser", false],
  ["the mail", "createPasswordReset", false],
  ["the mail to an account that is there", "createPasswordReset", true],
])("the answer does not wait for %s, and a bridge that ends does", async (_, operation, isImported) => {
  const rig = await startBridge();
  const user = await rig.add();
  if (isImported) await rig.imported(user);
  const held = Promise.withResolvers<void>();
  rig.workos.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: held.promise } });
  expect(await ask(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(0);
  const closed = rig.serving.close();
  held.resolve();
  await closed;
  expect(mails(rig)).toBe(1);
});

/** A bridge whose mails are the file's own. */
async function startWithOwnMails() {
  const webhook = await startWebhookDouble(MAIL_SECRET);
  onTestFinished(() => webhook.close());
  const rig = await startBridge({
    file: { passwordResets: { delivery: "own" } },
    settings: { SPILLWAY_MAIL: `webhook:${webhook.url}`, SPILLWAY_MAIL_SECRET: MAIL_SECRET },
  });
  return { webhook, rig };
}

test("the answer does not wait for the place where own mails go", async () => {
  const { webhook, rig } = await startWithOwnMails();
  const user = await rig.add();
  await rig.imported(user);
  const held = Promise.withResolvers<void>();
  webhook.faults.add({ match: {}, times: 1, effect: { kind: "hold", until: held.promise } });
  expect((await ask(rig, emailOf(user))).status).toBe(202);
  expect(webhook.mails).toEqual([]);
  held.resolve();
  await afterAnswers(rig).idle();
  expect(webhook.mails).toMatchObject([{ to: emailOf(user) }]);
});

test("where too many mails are under way, everybody is told of an outage alike", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  const held = Promise.withResolvers<void>();
  while (afterAnswers(rig).start(() => held.promise)) {
    // Until there is no more room.
  }
  const known = await ask(rig, emailOf(user));
  expect(known).toMatchObject({ status: 503, body: { outcome: "outage" } });
  const { status, text } = await ask(rig, "nobody@example.com");
  expect({ status, text }).toEqual({ status: known.status, text: known.text });
  held.resolve();
  await afterAnswers(rig).idle();
  expect((await forgot(rig, emailOf(user))).status).toBe(202);
  expect(mails(rig)).toBe(1);
});

test("what fails after the answer is counted, and names nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  await rig.ledger.write((tx) => sql`alter table mails rename to mails_gone`.execute(tx));
  expect((await forgot(rig, emailOf(user))).status).toBe(202);
  const metrics = await (await fetch(`${rig.url}/metrics`)).text();
  expect(metrics).toContain('spillway_bridge_trouble_total{code="unexpected"} 1');
  expect(metrics).not.toContain("@");
  expect(mails(rig)).toBe(0);
});

test("a mail that WorkOS refuses is not told to whoever asked", async () => {
  const rig = await startBridge({
    workos: { options: { passwordResets: "not_allowed" } },
  });
  const user = await rig.add();
  await rig.imported(user);
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(0);
});

test("nobody is mailed more than three times a minute", async () => {
  const rig = await startBridge();
  const statuses: number[] = [];
  for (let tries = 0; tries < 5; tries += 1) statuses.push((await forgot(rig, "nobody@example.com")).status);
  expect(statuses).toEqual([202, 202, 202, 429, 429]);
});

test("one IP address may not ask for many people, and uses up nobody's tries", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "3" } });
  const from = async (ip_address: string, email: string) =>
    (await rig.post("/forgot-password", { email, ip_address })).status;
  const statuses: number[] = [];
  for (let person = 0; person < 3; person += 1)
    statuses.push(await from("203.0.113.9", `person${person}@example.com`));
  for (let tries = 0; tries < 3; tries += 1) statuses.push(await from("203.0.113.9", "ada@example.com"));
  expect(statuses).toEqual([202, 202, 202, 429, 429, 429]);
  expect(await from("203.0.113.10", "ada@example.com")).toBe(202);
  const signIn = { email: "ada@example.com", password: "Not-The-One-9", ip_address: "203.0.113.9" };
  expect((await rig.post("/sign-in", signIn)).status).toBe(429);
});

test("an outage is told", async () => {
  const rig = await startBridge();
  rig.workos.faults.add({
    match: { operation: "listUsers" },
    times: 20,
    effect: { kind: "reset" },
  });
  expect((await forgot(rig, "nobody@example.com")).status).toBe(503);
});

test.each([
  ["nobody is mailed", undefined, 0],
  ["they are, where the file sends to such people", { unverified: "send" as const }, 1],
])("an imported address that nobody verified: %s", async (_, passwordResets, expected) => {
  const rig = await startBridge(passwordResets === undefined ? {} : { file: { passwordResets } });
  const user = await rig.add({ emailVerified: false });
  await rig.imported(user);
  expect(await forgot(rig, emailOf(user))).toMatchObject({ status: 202, body: { outcome: "accepted" } });
  expect(mails(rig)).toBe(expected);
});

const asked = async ({ ledger, migrationId }: BridgeRig, { sub }: PoolUser) =>
  (await ledger.read((db) => whyNoMail(db, migrationId, { sub, userId: "" }))) === "asked_already";

test("whoever was mailed to an account that stood there before is noted as well: a run may adopt it", async () => {
  const rig = await startBridge();
  const [verified, unverified] = [await rig.add(), await rig.add({ emailVerified: false })];
  for (const user of [verified, unverified]) {
    foreignAccount(rig, user);
    await forgot(rig, emailOf(user));
  }
  expect(mails(rig)).toBe(2);
  expect(await asked(rig, verified)).toBe(true);
  // Whose address nobody verified may be anybody: such an account is never adopted.
  expect(await asked(rig, unverified)).toBe(false);
});

test("whoever was mailed is noted for the campaign; a mail that was refused is not", async () => {
  const rig = await startBridge();
  const [mailed, refused] = [await rig.add(), await rig.add()];
  for (const user of [mailed, refused]) await rig.imported(user);
  await forgot(rig, emailOf(mailed));
  rig.workos.faults.add({
    match: { operation: "createPasswordReset" },
    times: 2,
    effect: { kind: "status", status: 429, headers: { "retry-after": "1" }, body: { message: "Slow down." } },
  });
  await forgot(rig, emailOf(refused));
  // Their first mail stays one, whatever becomes of the second.
  await forgot(rig, emailOf(mailed));
  expect([await asked(rig, mailed), await asked(rig, refused)]).toEqual([true, false]);
});

test("own mails: the link is handed over, and a refusal leaves the person to the campaign", async () => {
  const { webhook, rig } = await startWithOwnMails();
  const [mailed, refused] = [await rig.add(), await rig.add()];
  for (const user of [mailed, refused]) await rig.imported(user);
  await forgot(rig, emailOf(mailed));
  expect(webhook.mails).toMatchObject([{ to: emailOf(mailed), sub: mailed.sub }]);
  webhook.faults.add({ match: {}, times: 1, effect: { kind: "status", status: 422 } });
  expect((await forgot(rig, emailOf(refused))).status).toBe(202);
  expect(webhook.mails).toHaveLength(1);
  expect([await asked(rig, mailed), await asked(rig, refused)]).toEqual([true, false]);
});

test("own mails: after a lost answer no link is made that could be taken for the lost one", async () => {
  const { webhook, rig } = await startWithOwnMails();
  const user = await rig.add();
  await rig.imported(user);
  const effect = { kind: "status_after_effect", status: 502 } as const;
  rig.workos.faults.add({ match: { operation: "createPasswordReset" }, times: 1, effect });
  const links = () => rig.calls().workos.filter((entry) => entry.startsWith("createPasswordReset"));
  for (let time = 0; time < 2; time += 1) expect((await forgot(rig, emailOf(user))).status).toBe(202);
  expect(links()).toEqual(["createPasswordReset 502"]);
  const metrics = await (await fetch(`${rig.url}/metrics`)).text();
  expect(metrics).toContain('spillway_bridge_trouble_total{code="reset_link_just_lost"} 1');
  // Once the two can be told apart.
  await rig.ledger.write((tx) => tx.updateTable("unsent_links").set({ made_by_ms: 1 }).execute());
  await forgot(rig, emailOf(user));
  expect(webhook.mails).toMatchObject([{ to: emailOf(user) }]);
});

test("own mails without a place to go are an outage", async () => {
  const rig = await startBridge({ file: { passwordResets: { delivery: "own" } } });
  const user = await rig.add();
  await rig.imported(user);
  expect((await forgot(rig, emailOf(user))).status).toBe(503);
  expect(mails(rig)).toBe(0);
});
