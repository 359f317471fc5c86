import { expect, onTestFinished, test } from "vitest";
import { placedAmong } from "../../src/ledger/placed.ts";
import { resetPositions } from "../../src/ledger/reset-events.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import { type BridgeRig, emailOf, type RigWish, startBridge } from "./rig.ts";

/** A key that opens another environment than the client id names: whoever it brought there would be lost here. */

const OUTAGE = { status: 503, body: { outcome: "outage", show: "later" } };

async function startWithForeignKey(wish: RigWish = {}): Promise<{ rig: BridgeRig; other: WorkosDouble }> {
  const other = await startWorkosDouble({
    clientId: "client_of_another",
    options: { key: "sk_test_of_another" },
  });
  onTestFinished(() => other.close());
  const settings = { ...wish.settings, WORKOS_API_KEY: other.key, WORKOS_API_URL: other.url };
  return { rig: await startBridge({ ...wish, settings }), other };
}

const placed = ({ ledger, migrationId }: BridgeRig, sub: string) =>
  ledger.read((db) => placedAmong(db, migrationId, "user", [sub]));

const operations = ({ journal }: WorkosDouble) => new Set(journal.entries.map(({ operation }) => operation));

async function completeReset({ url, key }: WorkosDouble, email: string): Promise<void> {
  const post = async (path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/user_management/password_reset${path}`, init);
    expect(answer.ok).toBe(true);
    // As the double answers, in the shape of WorkOS.
    return (await answer.json()) as { password_reset_token?: string };
  };
  const { password_reset_token: token } = await post("", { email });
  await post("/confirm", { token, new_password: "Another-Horse-8" });
}

test("forgot password is an outage for everybody: nobody is looked up, brought over, noted or mailed", async () => {
  const { rig, other } = await startWithForeignKey();
  const user = await rig.add();
  for (const email of [emailOf(user), "nobody@example.com"])
    expect(await rig.post("/forgot-password", { email })).toMatchObject(OUTAGE);
  await rig.serving.bridge.context.afterAnswers.idle();
  expect(operations(other)).toEqual(new Set(["exchangeCode", "listUsers"]));
  expect(other.state().users).toEqual([]);
  expect(await placed(rig, user.sub)).toEqual(new Map());
});

test("sign-in is an outage, and nothing is asked of Cognito", async () => {
  const { rig, other } = await startWithForeignKey();
  const user = await rig.add();
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  expect(other.state().users).toEqual([]);
  expect(rig.calls().cognito).toEqual([]);
});

test("completed resets of the other environment are not copied", async () => {
  const { rig, other } = await startWithForeignKey();
  const email = "stranger@example.com";
  other.seed([{ email, email_verified: true, external_id: null }]);
  await completeReset(other, email);
  await rig.serving.bridge.copyResets();
  expect(await rig.ledger.read((db) => resetPositions(db, rig.migrationId))).toEqual({
    newest: null,
    settled: null,
  });
  expect(operations(other)).not.toContain("listEvents");
});

test("an answer that is no proof is not kept, the operator is told, and a proof is asked for once", async () => {
  const key = "sk_test_not_yet";
  const rig = await startBridge({ settings: { WORKOS_API_KEY: key } });
  const user = await rig.add();
  expect(await rig.post("/forgot-password", { email: emailOf(user) })).toMatchObject(OUTAGE);
  const troubles = async () => await (await fetch(`${rig.url}/metrics`)).text();
  await expect.poll(troubles).toContain('trouble_total{code="resets_not_copied"} 1');
  expect(await troubles()).toContain('trouble_total{code="access_not_proven"}');
  rig.workos.setOptions({ key });
  const before = rig.calls().workos.length;
  for (const answer of await Promise.all([rig.signIn(emailOf(user)), rig.signIn(emailOf(user))]))
    expect(answer.status).toBe(200);
  const proofs = rig.calls().workos.slice(before);
  expect(proofs.filter((entry) => entry.startsWith("exchangeCode"))).toHaveLength(1);
});

test("a proof that WorkOS does not answer for now is an outage, and the next try goes through", async () => {
  const rig = await startBridge({ settings: { WORKOS_API_KEY: "sk_test_not_yet" } });
  rig.workos.setOptions({ key: "sk_test_not_yet" });
  rig.workos.faults.add({
    match: { operation: "exchangeCode" },
    times: 20,
    effect: { kind: "status", status: 503, body: "upstream unavailable" },
  });
  const user = await rig.add();
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  expect(await rig.post("/forgot-password", { email: emailOf(user) })).toMatchObject(OUTAGE);
  rig.workos.faults.clear();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

test("a key that was proven and is revoked later brings nobody over, and is an outage", async () => {
  const rig = await startBridge();
  const [first, later] = [await rig.add(), await rig.add()];
  expect((await rig.signIn(emailOf(first))).status).toBe(200);
  rig.workos.setOptions({ key: "sk_test_rotated" });
  expect(await rig.post("/forgot-password", { email: emailOf(later) })).toMatchObject(OUTAGE);
  expect(await rig.signIn(emailOf(later))).toMatchObject(OUTAGE);
  expect(await placed(rig, later.sub)).toEqual(new Map());
});
