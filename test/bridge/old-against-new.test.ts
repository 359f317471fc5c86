import { expect, test } from "vitest";
import { type BridgeRig, emailOf, moveOf, PASSWORD, startBridge } from "./rig.ts";

/** Who may not come in with what Cognito still holds, and what they are told. */

const NEW_PASSWORD = "Brand-New-Staple-8";

async function expectNoSession(
  rig: BridgeRig,
  email: string,
  expected: { status: number; body: Record<string, unknown> },
) {
  const answer = await rig.signIn(email);
  expect(answer).toMatchObject(expected);
  expect(answer.body).not.toHaveProperty("session");
}

const WRONG = { status: 401, body: { outcome: "wrong", show: "wrong" } };

async function reset(rig: BridgeRig, email: string): Promise<void> {
  const headers = { authorization: `Bearer ${rig.workos.key}`, "content-type": "application/json" };
  const post = (path: string, body: unknown) =>
    fetch(`${rig.workos.url}/user_management/password_reset${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
  const asked = await post("", { email });
  // The double answers as OpenAPI 0.61 says.
  const { password_reset_token: token } = (await asked.json()) as { password_reset_token: string };
  const confirmed = await post("/confirm", { token, new_password: NEW_PASSWORD });
  expect(confirmed.status).toBe(200);
}

test("after a completed reset the old password is wrong, and Cognito is not asked", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const accountId = await rig.imported(user);
  await reset(rig, emailOf(user));
  await expectNoSession(rig, emailOf(user), WRONG);
  expect(rig.calls().cognito).toEqual([]);
  expect(rig.workos.passwordIs(accountId, NEW_PASSWORD)).toBe(true);
});

test("a reset that is completed while Cognito answers wins", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const accountId = await rig.imported(user);
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "delay", ms: 700 },
  });
  const signingIn = rig.signIn(emailOf(user));
  await expect.poll(() => rig.calls().cognito.length, { timeout: 20_000 }).toBe(1);
  await reset(rig, emailOf(user));
  expect(await signingIn).toMatchObject(WRONG);
  expect(rig.workos.passwordIs(accountId, NEW_PASSWORD)).toBe(true);
});

test("whoever has signed in at WorkOS in another way has no old password any more", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user, { lastSignInAt: "2026-01-01T00:00:00.000Z" });
  await expectNoSession(rig, emailOf(user), WRONG);
  expect(rig.calls().cognito).toEqual([]);
});

test("a person removed at WorkOS stays removed", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const accountId = await rig.imported(user);
  await fetch(`${rig.workos.url}/user_management/users/${accountId}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rig.workos.key}` },
  });
  await expectNoSession(rig, emailOf(user), WRONG);
  expect(rig.workos.state().users).toEqual([]);
  expect(rig.calls().cognito).toEqual([]);
});

test("a person whom the bridge made and who was removed stays removed", async () => {
  const rig = await startBridge();
  const user = await rig.add({}, false);
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  const [account] = rig.workos.state().users;
  await fetch(`${rig.workos.url}/user_management/users/${account?.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${rig.workos.key}` },
  });
  await expectNoSession(rig, emailOf(user), WRONG);
  expect(rig.workos.state().users).toEqual([]);
});

test("an unverified native account takes no verified person's place", async () => {
  const rig = await startBridge();
  const email = "target@example.com";
  await rig.add({ email, status: "EXTERNAL_PROVIDER", username: "Google_1" });
  await rig.add({ email, emailVerified: false });
  await expectNoSession(rig, email, {
    status: 403,
    body: { outcome: "not_verified", show: "verify" },
  });
  expect(rig.workos.state().users).toEqual([]);
});

test("an account at WorkOS that Spillway did not make is not taken over", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const [squatter] = rig.workos.seed([{ email: emailOf(user), email_verified: false }]);
  await expectNoSession(rig, emailOf(user), {
    status: 403,
    body: { outcome: "not_for_import", reason: "exists_at_destination" },
  });
  expect(rig.workos.passwordIs(squatter?.id ?? "", PASSWORD)).toBe(false);
});

test("an unverified account at WorkOS is never adopted, whatever the file says", async () => {
  const rig = await startBridge({ file: { users: { onExisting: "adopt" } } });
  const user = await rig.add();
  const [squatter] = rig.workos.seed([{ email: emailOf(user), email_verified: false }]);
  await expectNoSession(rig, emailOf(user), {
    status: 403,
    body: { outcome: "not_for_import", reason: "exists_unverified" },
  });
  expect(rig.workos.passwordIs(squatter?.id ?? "", PASSWORD)).toBe(false);
});

test("a disabled person gets no session", async () => {
  const rig = await startBridge();
  const user = await rig.add({ enabled: false });
  await expectNoSession(rig, emailOf(user), WRONG);
  expect(rig.workos.state().users).toEqual([]);
});

test("someone who was merged into another account gets no session with their own password", async () => {
  const rig = await startBridge();
  const email = "twice@example.com";
  const kept = await rig.add({ email, status: "EXTERNAL_PROVIDER", username: "Google_2" });
  await rig.add({ email, password: PASSWORD });
  // The account that stands for the address was written before: it stays the one.
  await rig.imported(kept);
  await expectNoSession(rig, email, {
    status: 403,
    body: { outcome: "not_for_import", show: "reset", reason: "merged_same_email" },
  });
});

test.each(["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP", "SELECT_MFA_TYPE", "MFA_SETUP"] as const)(
  "nobody gets past the second factor %s of Cognito",
  async (challenge) => {
    const rig = await startBridge({ file: { passwordResets: { acceptMfaLoss: true } } });
    const user = await rig.add({ challenge });
    const accountId = await rig.imported(user);
    await expectNoSession(rig, emailOf(user), {
      status: 403,
      body: { outcome: "second_factor", show: "reset", continue: {} },
    });
    expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(false);
  },
);

test("where no mail may drop a second factor, nobody is led to ask for one", async () => {
  const rig = await startBridge();
  const user = await rig.add({ challenge: "SOFTWARE_TOKEN_MFA" });
  await expectNoSession(rig, emailOf(user), {
    status: 403,
    body: { outcome: "second_factor", show: "contact", continue: {} },
  });
});

test("a second factor of WorkOS is handed on, for the application to ask for", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const accountId = await rig.imported(user);
  rig.workos.setPassword(accountId, PASSWORD);
  rig.workos.setMfa(accountId, true);
  await expectNoSession(rig, emailOf(user), {
    status: 403,
    body: {
      outcome: "second_factor",
      show: "second_factor",
      continue: { pending_authentication_token: expect.any(String) },
    },
  });
});

test.each([
  ["FORCE_CHANGE_PASSWORD", { status: 403, body: { outcome: "reset_required", show: "reset" } }],
  ["RESET_REQUIRED", WRONG],
  ["UNCONFIRMED", WRONG],
])("a person whose status is %s gets no session", async (status, expected) => {
  const rig = await startBridge();
  const user = await rig.add({ status });
  await expectNoSession(rig, emailOf(user), expected);
  expect(rig.workos.state().users).toEqual([]);
});

test("whoever the file skips, or a pilot leaves out, gets no session", async () => {
  const skipping = await startBridge();
  const skipped = await skipping.add();
  await skipping.ledger.write((tx) =>
    tx
      .updateTable("migrations")
      .set({
        file_in_force: JSON.stringify({
          source: { region: "eu-west-1", userPoolId: skipping.cognito.pool.poolId },
          destination: { kind: "workos" },
          users: { decisions: { [skipped.sub]: "skip" } },
        }),
      })
      .execute(),
  );
  await expectNoSession(skipping, emailOf(skipped), {
    status: 403,
    body: { outcome: "not_for_import", reason: "decided_skip" },
  });
  const pilot = await startBridge({ file: { only: { limit: 1 } } });
  const outside = await pilot.add();
  await expectNoSession(pilot, emailOf(outside), {
    status: 403,
    body: { outcome: "not_for_import", reason: "not_selected" },
  });
  expect(await moveOf(pilot, outside.sub)).toBeUndefined();
});

test("of one address in two cases, the account that stands for it signs in, and the other does not", async () => {
  const rig = await startBridge({ caseSensitive: true });
  const first = await rig.add({
    email: "Ada@example.com",
    password: "First-Of-Two-1",
    createdAtMs: Date.UTC(2020, 0, 1),
  });
  await rig.add({ email: "ada@example.com", password: "Second-Of-Two-2" });
  expect(await rig.signIn("ada@example.com", "Second-Of-Two-2")).toMatchObject(WRONG);
  expect(await rig.signIn("ada@example.com", "First-Of-Two-1")).toMatchObject({
    status: 200,
    body: { session: { user: { external_id: first.sub } } },
  });
});

test("an address that is not the person's own proves nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const old = emailOf(user);
  // They changed it since the snapshot.
  user.attributes.email = "moved-on@example.com";
  await expectNoSession(rig, old, WRONG);
  expect(rig.workos.state().users).toEqual([]);
});
