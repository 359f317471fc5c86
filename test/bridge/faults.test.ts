import { expect, test } from "vitest";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { startTcpGate } from "../setup/tcp-gate.ts";
import { type BridgeRig, emailOf, moveOf, PASSWORD, startBridge } from "./rig.ts";

/** An outage is told as one, and never as a wrong password. */

const OUTAGE = { status: 503, body: { outcome: "outage", show: "later" } };

const down = (operation: string, times = 20) => ({
  match: { operation },
  times,
  effect: { kind: "status" as const, status: 503, body: "upstream unavailable" },
});

async function moved(rig: BridgeRig): Promise<string> {
  const user = await rig.add();
  const accountId = await rig.imported(user);
  rig.workos.setPassword(accountId, PASSWORD);
  return emailOf(user);
}

test("Cognito down: who needs it is asked to come later, who was moved signs in", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const already = await moved(rig);
  rig.cognito.faults.add(down("AdminInitiateAuth"));
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  expect((await rig.signIn(already)).status).toBe(200);
  rig.cognito.faults.clear();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

test.each(["authenticate", "listUsers", "listEvents", "getUserByExternalId", "createUser", "updateUser"])(
  "WorkOS failing at %s is an outage, and the next try goes through",
  async (operation) => {
    const rig = await startBridge();
    const user = await rig.add();
    if (operation !== "createUser") await rig.imported(user);
    rig.workos.faults.add(down(operation));
    expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
    rig.workos.faults.clear();
    expect((await rig.signIn(emailOf(user))).status).toBe(200);
    expect(rig.workos.state().users).toHaveLength(1);
  },
);

test("a key that WorkOS does not take is an outage, not a wrong password", async () => {
  const rig = await startBridge();
  const already = await moved(rig);
  rig.workos.setOptions({ key: "sk_test_other" });
  expect(await rig.signIn(already)).toMatchObject(OUTAGE);
});

test("a create whose answer was lost ends in one account", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  rig.workos.faults.add({
    match: { operation: "createUser" },
    times: 1,
    effect: { kind: "reset_after_effect" },
  });
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expect(rig.workos.state().createdByExternalId).toEqual({ [user.sub]: 1 });
});

test("a password that was set without an answer is told to come later, and works then", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  rig.workos.faults.add({
    match: { operation: "updateUser" },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

test("answers that are none are outages", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const already = await moved(rig);
  const garbage = (operation: string, status: number, body: unknown) => ({
    match: { operation },
    times: 1,
    effect: { kind: "status" as const, status, body },
  });
  for (const body of [
    "<html>",
    {},
    { access_token: "a" },
    { AuthenticationResult: { IdToken: "not.a.jwt" } },
  ]) {
    rig.workos.faults.replace(garbage("authenticate", 200, body));
    expect(await rig.signIn(already)).toMatchObject(OUTAGE);
    rig.workos.faults.clear();
    rig.cognito.faults.replace(garbage("AdminInitiateAuth", 200, body));
    expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  }
  rig.cognito.faults.replace(
    garbage("AdminInitiateAuth", 400, { __type: "NotAuthorizedException", message: "Something new." }),
  );
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  expect(rig.workos.state().users).toHaveLength(1);
});

test("a token of another pool proves nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  rig.cognito.setOptions({ tokenIssuer: "own" });
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  expect(rig.workos.state().users).toEqual([]);
});

test.each(["TooManyRequestsException", "LimitExceededException", "InternalErrorException"])(
  "Cognito's %s is no wrong password",
  async (type) => {
    const rig = await startBridge();
    const user = await rig.add();
    rig.cognito.faults.add({
      match: { operation: "AdminInitiateAuth" },
      times: 1,
      effect: { kind: "status", status: 400, body: { __type: type, message: "Rate exceeded" } },
    });
    const answer = await rig.signIn(emailOf(user));
    expect([429, 503]).toContain(answer.status);
    expect(answer.body.show).toBe("later");
  },
);

test("WorkOS's 429 is handed on with its wait", async () => {
  const rig = await startBridge();
  const already = await moved(rig);
  rig.workos.faults.add({
    match: { operation: "authenticate" },
    times: 1,
    effect: { kind: "status", status: 429, headers: { "retry-after": "7" }, body: { message: "Slow down." } },
  });
  const answer = await rig.signIn(already);
  expect(answer).toMatchObject({ status: 429, body: { outcome: "throttled" } });
  expect(answer.headers.get("retry-after")).toBe("7");
});

test("slow vendors are waited for", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "delay", ms: 5_000 },
  });
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

test("the ledger down: who needs it is asked to come later, who was moved signs in", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const already = await moved(rig);
  await rig.ledger.write(async (tx) => {
    // As a ledger that lost its table: every question about migrations fails.
    await tx.schema.alterTable("migrations").renameTo("migrations_away").execute();
  });
  const answer = await rig.signIn(emailOf(user));
  expect(answer.status).toBeGreaterThanOrEqual(500);
  expect(answer.body).toEqual({ outcome: "outage", show: "later" });
  expect((await rig.signIn(already)).status).toBe(200);
  expect(await moveOf(rig, user.sub)).toBeUndefined();
});

test("PostgreSQL stopped and started: who was moved signs in all the time, the others when it is back", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  const rig = await startBridge({ ledgerUrl: gate.url });
  const user = await rig.add();
  const already = await moved(rig);
  gate.shut();
  for (let time = 0; time < 3; time += 1) {
    expect((await rig.signIn(already)).status).toBe(200);
    expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  }
  expect(rig.calls().cognito).toEqual([]);
  gate.open();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expect((await rig.signIn(already)).status).toBe(200);
});

test("the ledger gone between the password and its note: the person signs in, and is never mailed", async () => {
  const gate = await startTcpGate(await freshPostgresDatabase());
  const rig = await startBridge({ ledgerUrl: gate.url });
  const user = await rig.add();
  const accountId = await rig.imported(user);
  rig.workos.faults.add({ match: { operation: "updateUser" }, times: 1, effect: { kind: "delay", ms: 500 } });
  const signedIn = rig.signIn(emailOf(user));
  await expect
    .poll(() => rig.calls().workos.some((call) => call.startsWith("updateUser")), { timeout: 20_000 })
    .toBe(true);
  gate.shut();
  expect((await signedIn).status).toBe(200);
  gate.open();
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(true);
  expect(await moveOf(rig, user.sub)).toMatchObject({ openMoves: 1, movedAtMs: null });
});
